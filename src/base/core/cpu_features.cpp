// SPDX-License-Identifier: MIT
#include "base/core/cpu_features.h"

#if defined(__x86_64__)
#include <cstring>

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace pop2piano {
namespace {

#if defined(__x86_64__)

struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf = 0) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}

bool bit(unsigned word, int index) { return ((word >> index) & 1U) != 0; }

/// Register sets that the operating system saves (XCR0).
unsigned long long saved_state() {
  unsigned low = 0;
  unsigned high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<unsigned long long>(high) << 32) | low;
}

bool request_tiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

CpuFeatures detect() {
  CpuFeatures found;
  const Registers vendor = cpuid(0);
  char name[12];
  std::memcpy(name, &vendor.b, 4);
  std::memcpy(name + 4, &vendor.d, 4);
  std::memcpy(name + 8, &vendor.c, 4);
  found.amd = std::memcmp(name, "AuthenticAMD", 12) == 0;

  const Registers basic = cpuid(1);
  if (vendor.a < 7 || !bit(basic.c, 27)) return found;  // OSXSAVE
  const unsigned long long state = saved_state();
  const Registers extended = cpuid(7);
  const bool ymm = (state & 0x6) == 0x6;
  const bool zmm = (state & 0xE6) == 0xE6;
  const bool tiles = (state & 0x60000) == 0x60000;
  found.avx2 = ymm && bit(extended.b, 5) && bit(basic.c, 12) && bit(basic.c, 29);
  found.avx512 =
      found.avx2 && zmm && bit(extended.b, 16) && bit(extended.b, 17) && bit(extended.b, 30) && bit(extended.b, 31);
  found.avx512_vnni = found.avx512 && bit(extended.c, 11);
  found.avx512_bf16 = found.avx512 && bit(cpuid(7, 1).a, 5);
  const bool amx_bits = bit(extended.d, 22) && bit(extended.d, 24) && bit(extended.d, 25);
  found.amx = found.avx512_bf16 && found.avx512_vnni && tiles && amx_bits && request_tiles();
  return found;
}

#else

CpuFeatures detect() { return {}; }

#endif

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

std::string cpu_name() {
#if defined(__x86_64__)
  if (cpuid(0x80000000U).a >= 0x80000004U) {
    std::string name;
    for (unsigned leaf = 0x80000002U; leaf <= 0x80000004U; ++leaf) {
      const Registers r = cpuid(leaf);
      for (const unsigned word : {r.a, r.b, r.c, r.d}) {
        for (int shift = 0; shift < 32; shift += 8) name.push_back(static_cast<char>((word >> shift) & 0xFFU));
      }
    }
    name = name.substr(0, name.find('\0'));
    const std::size_t first = name.find_first_not_of(' ');
    if (first != std::string::npos) return name.substr(first);
  }
#endif
  return "unknown";
}

}  // namespace pop2piano
