// SPDX-License-Identifier: MIT
#include "sound/audio/single_file_formats.h"

#include <algorithm>
#include <array>

namespace pop2piano {
namespace {

// Demuxers of FFmpeg 5.1 to 7.1. Left out beside those that open further files (concat, dash, hls, imf, image2, mlv,
// redir, rtp, rtsp, sap, sdp, vobsub, webm_dash_manifest and whatever will be added): devices, pictures, video without
// sound, subtitles, and samples without a header, which are recognised by the name of the file only.
constexpr auto kFormats = std::to_array<std::string_view>(
    {"3dostr",     "3g2",        "3gp",         "4xm",      "aa",     "aac",      "aax",       "ac3",      "ace",
     "acm",        "act",        "adp",         "ads",      "adx",    "aea",      "afc",       "aiff",     "aix",
     "alp",        "amr",        "amrnb",       "amrwb",    "anm",    "apac",     "apc",       "ape",      "apm",
     "aptx",       "aptx_hd",    "argo_asf",    "argo_brp", "asf",    "asf_o",    "ast",       "au",       "avi",
     "avr",        "avs",        "bethsoftvid", "bfi",      "bfstm",  "bink",     "binka",     "bit",      "bmv",
     "boa",        "bonk",       "brstm",       "c93",      "caf",    "codec2",   "daud",      "dcstr",    "derf",
     "dfa",        "dfpwm",      "dhav",        "dsf",      "dsicin", "dss",      "dts",       "dtshd",    "dv",
     "dxa",        "ea",         "ea_cdata",    "eac3",     "epaf",   "film_cpk", "flac",      "flic",     "flv",
     "frm",        "fsb",        "fwse",        "g723_1",   "g729",   "genh",     "gif",       "gsm",      "gxf",
     "hca",        "hcom",       "hnm",         "iamf",     "idcin",  "iff",      "ifv",       "ilbc",     "imc",
     "ipmovie",    "ircam",      "iss",         "iv8",      "ivr",    "kux",      "kvag",      "laf",      "libgme",
     "libmodplug", "libopenmpt", "live_flv",    "lmlm4",    "loas",   "luodat",   "lvf",       "lxf",      "m4a",
     "matroska",   "mgsts",      "mj2",         "mlp",      "mm",     "mmf",      "mods",      "moflex",   "mov",
     "mp3",        "mp4",        "mpc",         "mpc8",     "mpeg",   "mpegts",   "mpegtsraw", "msf",      "msnwctcp",
     "msp",        "mtaf",       "mtv",         "musx",     "mv",     "mvi",      "mxf",       "mxg",      "nc",
     "nistsphere", "nsp",        "nsv",         "nut",      "nuv",    "ogg",      "oma",       "osq",      "paf",
     "pp_bnk",     "psxstr",     "pva",         "pvf",      "qcp",    "qoa",      "r3d",       "redspark", "rka",
     "rl2",        "rm",         "roq",         "rpl",      "rsd",    "rso",      "s337m",     "sbc",      "scd",
     "sdns",       "sdr2",       "sds",         "sdx",      "shn",    "siff",     "sln",       "smjpeg",   "smk",
     "smush",      "sol",        "sox",         "spdif",    "svag",   "svs",      "swf",       "tak",      "thp",
     "tiertexseq", "tmv",        "truehd",      "tta",      "ty",     "usm",      "vag",       "vividas",  "vivo",
     "vmd",        "voc",        "vpk",         "vqf",      "w64",    "wady",     "wav",       "wc3movie", "webm",
     "wsaud",      "wsd",        "wsvqa",       "wtv",      "wv",     "wve",      "xa",        "xmd",      "xmv",
     "xvag",       "xwma",       "yop"});

}  // namespace

bool is_single_file_format(std::string_view name) {
  return std::binary_search(kFormats.begin(), kFormats.end(), name.substr(0, name.find(',')));
}

const std::string& single_file_formats() {
  static const std::string all = [] {
    std::string text;
    for (const std::string_view name : kFormats) text += (text.empty() ? "" : ",") + std::string(name);
    return text;
  }();
  return all;
}

}  // namespace pop2piano
