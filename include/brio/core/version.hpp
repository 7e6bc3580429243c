// SPDX-License-Identifier: BSL-1.0
// The version of brio: the only place where the number is written by hand; CMake reads it from here.
#pragma once

#define BRIO_VERSION_MAJOR 0
#define BRIO_VERSION_MINOR 1
#define BRIO_VERSION_PATCH 0

/// One number to compare with in `#if`: `major * 10000 + minor * 100 + patch`.
#define BRIO_VERSION (BRIO_VERSION_MAJOR * 10000 + BRIO_VERSION_MINOR * 100 + BRIO_VERSION_PATCH)
