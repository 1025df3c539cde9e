// SPDX-License-Identifier: MIT
// The report of an evaluation as one HTML page that needs nothing else: tables, distributions, and for each cover its
// piano roll with the song's melody, chroma of both, agreement bar by bar, warp path and players.
#pragma once

#include <pop2piano/evaluate.h>

#include <filesystem>
#include <span>
#include <string>

namespace pop2piano {

struct ReportPageOptions {
  std::string title = "Piano covers, measured";
  std::size_t embed_file_below = std::size_t{8} << 20;  ///< bytes; larger sound files are linked, not embedded
  std::size_t embed_total = std::size_t{64} << 20;      ///< bytes of all embedded sound
};

/// `pictures` [covers] or empty (then tables only). `target`: where the page will lie, for links to large sound files.
std::string report_page(const SetEvaluation& set, std::span<const CoverPicture> pictures,
                        const std::filesystem::path& target, const ReportPageOptions& options = {});

}  // namespace pop2piano
