# Puts files of the source tree into a program: ota_embed(target a.js pages/b.html ${CMAKE_SOURCE_DIR}/docs/c.json).
# Defines, for target `ota-some-room`,
#     std::span<const ota::embedded_file> ota::embedded_in_ota_some_room();
# (gateway/embedded_file.hpp), which whoever uses it declares. A file's path there is the one of the call; of an absolute one what
# follows the root of the repository. The files are read when the program is built: it needs none of them when it runs.
if(CMAKE_SCRIPT_MODE_FILE)
  set(arrays "")
  set(entries "")
  list(LENGTH files count)
  math(EXPR last "${count} - 1")
  foreach(n RANGE ${last})
    list(GET files ${n} file)
    list(GET paths ${n} path)
    file(READ ${file} octets HEX)
    string(REGEX REPLACE "(................................................................)" "\\1\n" octets "${octets}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," octets "${octets}")
    string(APPEND arrays "const unsigned char file_${n}[] = {\n${octets}0};\n")
    string(APPEND entries "    {\"${path}\", {reinterpret_cast<const char*>(file_${n}), sizeof file_${n} - 1}},\n")
  endforeach()
  file(WRITE ${output} "#include \"gateway/embedded_file.hpp\"\n\nnamespace ota {\nnamespace {\n${arrays}}  // namespace\n\n"
       "std::span<const embedded_file> ${name}();\n"
       "std::span<const embedded_file> ${name}() {\n    static const embedded_file all[] = {\n${entries}    };\n    return all;\n}\n\n}  // namespace ota\n")
  return()
endif()

function(ota_embed target)
  string(MAKE_C_IDENTIFIER "embedded_in_${target}" name)
  set(files "")
  set(paths "")
  foreach(file ${ARGN})
    cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE whole)
    if(IS_ABSOLUTE ${file})
      cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
    endif()
    list(APPEND files ${whole})
    list(APPEND paths ${file})
  endforeach()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set(script ${CMAKE_SOURCE_DIR}/gateway/embed.cmake)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-Dname=${name}" "-Dfiles=${files}" "-Dpaths=${paths}" "-Doutput=${output}" -P ${script}
    DEPENDS ${files} ${script} COMMENT "Embedding the files of ${target}" VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
