// SPDX-License-Identifier: MIT
// Music played in stretches on several threads, heard in order on the caller's.
#pragma once

#include <filesystem>
#include <functional>
#include <span>

#include "sound/render/instrument.h"
#include "sound/render/stretches.h"

namespace pop2piano {

/// Takes the sound in order, [frames, 2], blocks of any size; called on the thread that calls perform().
using SoundSink = std::function<void(std::span<const float> interleaved)>;
/// Other work for one of the threads; looks at the token now and then.
using SideWork = std::function<void(const CancelToken& stop)>;

/// The whole music to the sink, which ends when the sound has died away; `beside` (may be empty) is done meanwhile. The
/// samples do not depend on the number of threads. Reports "render". At most `threads` + 3 stretches are in memory.
/// Throws what the sink or `beside` throws, and Error(cancelled).
void perform(const Music& music, const LoadedInstrument& instrument, const SoundSink& sink, const SideWork& beside,
             const Monitor& monitor);

/// The music alone, in a file.
void write_music(const Music& music, const std::filesystem::path& wav, const LoadedInstrument& instrument,
                 const Monitor& monitor);

}  // namespace pop2piano
