# SPDX-License-Identifier: BSL-1.0
# cmake -DPROGRAM=... -DEXPECTED=file -P check_output.cmake: runs a program and compares what it prints. In the file
# `<number>` stands for any number, a line `...` for any lines, and colours are left out.

execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed ERROR_VARIABLE complaints RESULT_VARIABLE status)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${status}:\n${printed}${complaints}")
endif()

string(ASCII 27 escape)
string(REGEX REPLACE "${escape}\\[[0-9;]*m" "" printed "${printed}")
file(READ ${EXPECTED} pattern)
string(REGEX REPLACE "([][+.*()^$?|\\])" "\\\\\\1" pattern "${pattern}")
string(REPLACE "<number>" "[0-9]+(\\.[0-9]+)?" pattern "${pattern}")
string(REPLACE "\\.\\.\\.\n" "(.*\n)?" pattern "${pattern}")
if(NOT printed MATCHES "^${pattern}$")
    file(READ ${EXPECTED} expected)
    message(FATAL_ERROR "${PROGRAM} printed\n${printed}${complaints}and not, as ${EXPECTED} says,\n${expected}")
endif()
