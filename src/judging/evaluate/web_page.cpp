// SPDX-License-Identifier: MIT
#include "judging/evaluate/web_page.h"

namespace pop2piano {

std::string fill_page(std::string_view page, const std::map<std::string_view, std::string_view>& parts) {
  std::string filled;
  while (true) {
    const std::size_t open = page.find("{{"), close = page.find("}}", open);
    if (open == page.npos || close == page.npos) break;
    filled += page.substr(0, open);
    filled += parts.at(page.substr(open + 2, close - open - 2));
    page.remove_prefix(close + 2);
  }
  return filled += page;
}

std::string html_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      group = group << 8U | (b < count ? static_cast<unsigned char>(bytes[i + b]) : 0U);
    }
    for (std::size_t d = 0; d < 4; ++d) text += d <= count ? kDigits[group >> (18U - 6U * d) & 63U] : '=';
  }
  return text;
}

std::string script_json(std::string text) {
  for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at)) text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace pop2piano
