#pragma once

#include <span>
#include <string_view>

namespace ota {

/// A file of the source tree that is in the program (gateway/embed.cmake).
struct embedded_file {
    std::string_view path;     ///< as the call of ota_embed names it
    std::string_view content;  ///< octets
};

}  // namespace ota
