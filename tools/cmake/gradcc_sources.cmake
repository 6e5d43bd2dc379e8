# gradcc_sources(TARGET FILE.c ... [OPTIONS option ...])
#
# Differentiates each annotated FILE.c when TARGET is built: FILE_grad.c and
# FILE_grad.h are generated in the build folder, compiled into TARGET, and
# TARGET's sources can #include "FILE_grad.h". FILE.c itself becomes a source
# of TARGET too, if it is not one yet, except with the option
# --include-source, where the generated file takes its place. TARGET is linked
# with the runtime and with libm.
#
# FILE.c is read with TARGET's include folders, definitions and C standard.
# OPTIONS are passed on to gradcc as they are. The files are generated anew
# when FILE.c, a header that it includes or gradcc itself changes.
#
# To be called in the folder that defines TARGET.

cmake_policy(PUSH)
cmake_policy(VERSION 3.21)

function(gradcc_sources target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIONS")
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_grad)
  file(MAKE_DIRECTORY ${folder})
  _gradcc_flags(${target} flags)
  foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
    _gradcc_generate(${target} ${folder} "${file}" "${flags};${arg_OPTIONS}")
    if(NOT "--include-source" IN_LIST arg_OPTIONS)
      _gradcc_add_primal(${target} "${file}")
    endif()
  endforeach()
  target_include_directories(${target} PRIVATE ${folder})
  target_link_libraries(${target} PRIVATE gradcc::gradrt m)
endfunction()

# The preprocessor flags and the standard that TARGET is compiled with, as a
# list of generator expressions.
function(_gradcc_flags target result)
  set(property TARGET_PROPERTY:${target})
  set(folders "$<${property},INCLUDE_DIRECTORIES>")
  set(macros "$<${property},COMPILE_DEFINITIONS>")
  set(standard "$<${property},C_STANDARD>")
  set(extensions "$<${property},C_EXTENSIONS>")
  # Extensions are on where the property is not set.
  set(strict "$<NOT:$<OR:$<STREQUAL:${extensions},>,$<BOOL:${extensions}>>>")
  set(${result}
    "$<$<BOOL:${standard}>:-std=$<IF:${strict},c,gnu>${standard}>"
    "$<$<BOOL:${folders}>:-I$<JOIN:${folders},;-I>>"
    "$<$<BOOL:${macros}>:-D$<JOIN:${macros},;-D>>"
    PARENT_SCOPE)
endfunction()

# The rule that makes FOLDER/NAME_grad.c and .h from FILE.
function(_gradcc_generate target folder file flags)
  get_filename_component(source "${file}" ABSOLUTE)
  get_filename_component(name "${file}" NAME_WE)
  set(output ${folder}/${name}_grad)
  get_property(taken TARGET ${target} PROPERTY _gradcc_outputs)
  if(${output} IN_LIST taken)
    message(FATAL_ERROR
      "gradcc_sources: two files of ${target} are named ${name}.c")
  endif()
  set_property(TARGET ${target} APPEND PROPERTY _gradcc_outputs ${output})
  add_custom_command(
    OUTPUT ${output}.c ${output}.h
    COMMAND gradcc::gradcc "${flags}" -o ${output}.c -MD -MF ${output}.d
      ${source}
    DEPENDS ${source} gradcc::gradcc
    DEPFILE ${output}.d
    COMMENT "Differentiating ${file}"
    COMMAND_EXPAND_LISTS VERBATIM)
  target_sources(${target} PRIVATE ${output}.c ${output}.h)
endfunction()

# Makes FILE a source of TARGET, once.
function(_gradcc_add_primal target file)
  get_filename_component(source "${file}" ABSOLUTE)
  get_target_property(sources ${target} SOURCES)
  foreach(known IN LISTS sources)
    get_filename_component(known "${known}" ABSOLUTE)
    if(known STREQUAL source)
      return()
    endif()
  endforeach()
  target_sources(${target} PRIVATE ${source})
endfunction()

cmake_policy(POP)
