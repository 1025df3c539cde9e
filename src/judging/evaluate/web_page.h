// SPDX-License-Identifier: MIT
// A page of one file: a template's places filled in, and text made safe for where it goes.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pop2piano {

/// `page` with each {{name}} replaced by the part of that name; what is put in is not looked at again. Throws
/// std::out_of_range for a name that has no part: the template and its caller are one program.
std::string fill_page(std::string_view page, const std::map<std::string_view, std::string_view>& parts);

/// Text made safe for HTML content and attribute values.
std::string html_text(std::string_view text);
/// RFC 4648.
std::string base64(std::string_view bytes);
/// JSON made safe for a <script> element.
std::string script_json(std::string json);

}  // namespace pop2piano
