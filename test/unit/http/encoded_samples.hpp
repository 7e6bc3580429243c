// SPDX-License-Identifier: BSL-1.0
// Bodies in codings for which the tests have no encoder.
#pragma once

#include <string>

namespace brio::test {

inline std::string from_hex(const char* hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    for (; hex[0] != '\0'; hex += 2) out += static_cast<char>(digit(hex[0]) * 16 + digit(hex[1]));
    return out;
}

/// "hello hello hello hello\n"
inline constexpr char brotli_hello[] = "1b1700f88d946ede445586d60a206c6f4a1179e280ae16";

/// 300000 bytes, byte i is i % 251
inline constexpr char brotli_mod251[] =
    "5bdf9384fee2c08e958135a47ae0a861e3d60ec4c0b6ed4d56ebe0bc90fb4e71705ec979c441a8708c90978f32e4d144"
    "0262824d1cbbf7633e150900449850c68554da58e7434cb9d4d6c75cfbdcf70110821114c30992a21996e30551921555"
    "d30dd3b21dd7f383308a9334cb8bb2aa9bb6eb87719a9775db8ff3ba9ff7fbfd0104232886132445332cc70ba2242baa"
    "a61ba6653baee7076114276996176555376dd70fe3342febb61fe7753feff7038830a18c0ba9b4b1ce07611427699617"
    "6555376dd70fe3342febb61fe7753feff783723a7b9f04";

/// the same with the large-window extension (RFC 7932 does not know it)
inline constexpr char brotli_large[] =
    "115c7d4f12fa8b033b5606d690ea81a3868d5b3b1003dbb63759ad83f342ee3bc5c17925e71107a1c231425e3eca9047"
    "13091026b08963f77ecca72201800813cab8904a1beb7c882997dafa986b9ffb3e004230826238415234c372bc204ab2"
    "a26aba615ab6e37a7e104671926679515675d376fd304ef3b26efb715ef7f37ebf3f806004c57082a46886e578419464"
    "45d574c3b46cc7f5fc208ce224cdf2a2aceaa6edfa619ce665ddf6e3bceee7fd7e0011269471219536d6f9208ce224cd"
    "f2a2aceaa6edfa619ce665ddf6e3bceee7fd7e504e67ef93";

/// as brotli_hello
inline constexpr char zstd_hello[] = "28b52ffd04686d00003868656c6c6f200a0100994b11a87c2ea8";

/// as brotli_mod251
inline constexpr char zstd_mod251[] =
    "28b52ffd04682c0800b40f000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324"
    "25262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f5051525354"
    "55565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384"
    "85868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4"
    "b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4"
    "e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fa01007b817f7f6ea4540000000100fdffd1ffb906024500000001"
    "00dd131d0001bb9e4f3a";

} // namespace brio::test
