# gradcc_sources(TARGET FILE.c ... [OPTIONS option ...])
#
# Differentiates the annotated functions of each FILE.c when TARGET is built:
# FILE_grad.c and FILE_grad.h are generated in the build folder, compiled into
# TARGET, and TARGET's sources can #include "FILE_grad.h". FILE.c itself
# becomes a source of TARGET too, if it is not one yet, except with the option
# --include-source, where the generated file takes its place. TARGET is linked
# with the runtime and with libm.
#
# FILE.c is read with TARGET's include folders, definitions and C standard.
# The files of one call are parts of one program: each may call what another
# one defines. OPTIONS are passed on to gradcc as they are. The files are
# generated anew when one of them, a header that they include or gradcc itself
# changes.
#
# To be called in the folder that defines TARGET.

cmake_policy(PUSH)
cmake_policy(VERSION 3.21)

function(gradcc_sources target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIONS")
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_grad)
  file(MAKE_DIRECTORY ${folder})
  _gradcc_flags(${target} flags)
  _gradcc_generate(${target} ${folder} "${flags};${arg_OPTIONS}"
    ${arg_UNPARSED_ARGUMENTS})
  if(NOT "--include-source" IN_LIST arg_OPTIONS)
    foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
      _gradcc_add_primal(${target} "${file}")
    endforeach()
  endif()
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

# The rule that makes FOLDER/NAME_grad.c and .h from every NAME.c, all at once.
function(_gradcc_generate target folder flags)
  set(sources)
  set(outputs)
  get_property(taken TARGET ${target} PROPERTY _gradcc_outputs)
  foreach(file IN LISTS ARGN)
    get_filename_component(source "${file}" ABSOLUTE)
    get_filename_component(name "${file}" NAME_WLE)
    if(name IN_LIST taken)
      message(FATAL_ERROR
        "gradcc_sources: two files of ${target} are named ${name}.c")
    endif()
    list(APPEND taken ${name})
    list(APPEND sources ${source})
    list(APPEND outputs ${folder}/${name}_grad.c ${folder}/${name}_grad.h)
  endforeach()
  set_property(TARGET ${target} PROPERTY _gradcc_outputs ${taken})
  list(GET outputs 0 first)
  list(JOIN ARGN ", " files)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND gradcc::gradcc "${flags}" --output-dir=${folder} -MD -MF ${first}.d
      ${sources}
    DEPENDS ${sources} gradcc::gradcc
    DEPFILE ${first}.d
    COMMENT "Differentiating ${files}"
    COMMAND_EXPAND_LISTS VERBATIM)
  target_sources(${target} PRIVATE ${outputs})
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
