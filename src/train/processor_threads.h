// SPDX-License-Identifier: MIT
// How many threads libtorch computes with.
#pragma once

namespace pop2piano::training {

/// At most `count` for operations, and for matrix products where they are OpenBLAS's: that has threads of its own,
/// which wait by spinning on the processors that were to be left free.
void use_threads(int count);

}  // namespace pop2piano::training
