// SPDX-License-Identifier: MIT
// Training records from symbolic songs: each (song, variant) is arranged and rendered anew, and written with its
// target.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/dataset/song_record.h"
#include "learning/records/song_corpus.h"
#include "learning/studio/arrangement.h"
#include "learning/studio/band_synth.h"

namespace pop2piano {

enum class KeepAudio { none, flac };
enum class KeepFeatures { none, all };

struct SynthesisOptions {
  std::vector<std::filesystem::path> sound_fonts;  ///< empty: installed_soundfonts()
  std::vector<int> songs;                          ///< numbers in the corpus; empty: all
  int first_variant = 0;                           ///< variants are numbered; more can be made later
  int variants = 1;
  std::uint64_t seed = 1;
  double thin_share = 0.2;    ///< of the songs, 0..1: few players or the melody alone, see arrange()
  double stereo_share = 0.6;  ///< of the songs, 0..1: mixed in stereo, then folded to mono
  SingerKind singers = SingerKind::usual;
  int songs_per_shard = 8;
  KeepFeatures features = KeepFeatures::all;
  CorpusOptions corpus;
  std::filesystem::path corrections;  ///< POP909-CL's folder of NNN.mid, whose bars the band then plays; empty: none
  std::vector<std::string> genres;    ///< songs played in these in turn (learning/genres); empty: a pop band
  KeepAudio audio = KeepAudio::none;  ///< flac: the sound too, 22.05 kHz, 16 bits, about 3 MB a minute
};

struct SynthesisReport {
  std::size_t made = 0;             ///< records written by this call
  std::size_t present = 0;          ///< records found finished
  double sound_s = 0;               ///< seconds of sound rendered by this call
  std::vector<std::string> failed;  ///< songs left out, one line each: which and why
};

/// What the arrangement of (song, variant) is drawn from.
[[nodiscard]] std::uint64_t variant_seed(const std::string& song, int variant, std::uint64_t seed);

/// The record of a rendered arrangement. `sound`: mono, 22.05 kHz.
[[nodiscard]] SongRecord make_record(const Arrangement& arrangement, std::span<const float> sound,
                                     const SynthesisOptions& options, ThreadPool& pool);

/// A corpus (prepare/song_corpus.h) -> shards in `out`. A song without a piano part gets an accompaniment() of each
/// variant's own texture. Shards that are finished and made by the same options are kept: a broken-off run
/// goes on where it was. The result does not depend on the number of threads. Damaged songs are
/// reported and left out, and so are songs whose corrections cannot be read or do not fit.
/// Throws Error: not_found, nothing_found, invalid_argument, write_failed, cancelled.
SynthesisReport synthesize_corpus(const std::filesystem::path& corpus, const std::filesystem::path& out,
                                  const SynthesisOptions& options, ThreadPool& pool, const Monitor& monitor = {});

}  // namespace pop2piano
