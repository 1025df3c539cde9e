// SPDX-License-Identifier: MIT
// A page about a folder of prepared pairs, for a browser: what was kept and why not, histograms of the figures, and of
// each pair both sounds in step, the path of the cover through the song, and its notes on the song's time. One file,
// which loads what it shows of a pair from the pair's folder; no server is needed.
#pragma once

#include <cstddef>
#include <filesystem>

namespace pop2piano {

/// Writes DIR/report.html and DIR/pairs/NAME/page.js of each pair that was aligned; returns how many pairs it shows.
/// Throws Error: not_found, write_failed.
std::size_t write_prepare_report(const std::filesystem::path& folder);

}  // namespace pop2piano
