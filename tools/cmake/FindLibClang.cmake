# FindLibClang.cmake - libclang's C interface, of LLVM 17 or newer.
#
# Looks where it is told to (LibClang_ROOT or LLVM_ROOT: a prefix; LLVM_DIR:
# the folder of LLVMConfig.cmake), then at every LLVM on this machine, the
# newest first, and takes the first that is complete and new enough.
#
# Makes the target LibClang::LibClang and sets
#   LibClang_PREFIX        where that LLVM is installed
#   LibClang_VERSION       its major version
#   LibClang_RESOURCE_DIR  the folder of clang's own headers, or empty

# LLVM's prefixes on this machine, newest first.
function(_libclang_prefixes result)
  file(GLOB prefixes
    /usr/lib/llvm-* /usr/lib64/llvm* /usr/lib/llvm/* /usr/local/llvm*
    /opt/homebrew/opt/llvm* /usr/local/opt/llvm* /opt/llvm*)
  string(REPLACE ":" ";" path "$ENV{PATH}")
  list(TRANSFORM path APPEND "/llvm-config*")
  file(GLOB configs ${path})
  foreach(config IN LISTS configs)
    execute_process(COMMAND ${config} --prefix
      OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    list(APPEND prefixes ${prefix})
  endforeach()
  list(REMOVE_DUPLICATES prefixes)
  list(SORT prefixes COMPARE NATURAL ORDER DESCENDING)
  set(hints ${LibClang_ROOT} $ENV{LibClang_ROOT} ${LLVM_ROOT} $ENV{LLVM_ROOT})
  if(LLVM_DIR)
    get_filename_component(from_dir ${LLVM_DIR}/../../.. ABSOLUTE)
    list(APPEND hints ${from_dir})
  endif()
  set(${result} ${hints} ${prefixes} /usr /usr/local PARENT_SCOPE)
endfunction()

# Sets NAME_header and NAME_library for PREFIX; empty where there is none.
function(_libclang_probe prefix name)
  set(header ${prefix}/include)
  file(GLOB libraries
    ${prefix}/lib/libclang.so ${prefix}/lib64/libclang.so
    ${prefix}/lib/libclang.dylib
    ${prefix}/lib/libclang-*.so ${prefix}/lib64/libclang-*.so)
  if(NOT libraries OR NOT EXISTS ${header}/clang-c/Index.h)
    return()
  endif()
  # This function came with LLVM 17.
  file(STRINGS ${header}/clang-c/Index.h recent
    REGEX clang_getCursorBinaryOperatorKind)
  if(recent)
    list(GET libraries -1 library)
    set(${name}_header ${header} PARENT_SCOPE)
    set(${name}_library ${library} PARENT_SCOPE)
  endif()
endfunction()

# The folder of clang's own headers that belongs to PREFIX, or empty.
function(_libclang_resource_dir prefix result)
  file(GLOB folders ${prefix}/lib/clang/* ${prefix}/lib64/clang/*)
  list(SORT folders COMPARE NATURAL ORDER DESCENDING)
  foreach(folder IN LISTS folders)
    if(EXISTS ${folder}/include/stddef.h)
      set(${result} ${folder} PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

if(NOT LibClang_LIBRARY OR NOT LibClang_INCLUDE_DIR)
  _libclang_prefixes(_libclang_candidates)
  foreach(_libclang_prefix IN LISTS _libclang_candidates)
    unset(_libclang_library)
    _libclang_probe(${_libclang_prefix} _libclang)
    if(_libclang_library)
      set(LibClang_LIBRARY ${_libclang_library}
        CACHE FILEPATH "libclang of LLVM 17 or newer" FORCE)
      set(LibClang_INCLUDE_DIR ${_libclang_header}
        CACHE PATH "Folder of clang-c/Index.h" FORCE)
      break()
    endif()
  endforeach()
endif()

if(LibClang_INCLUDE_DIR)
  get_filename_component(LibClang_PREFIX ${LibClang_INCLUDE_DIR} DIRECTORY)
  _libclang_resource_dir(${LibClang_PREFIX} LibClang_RESOURCE_DIR)
  if(LibClang_RESOURCE_DIR MATCHES "/([0-9]+)[^/]*$")
    set(LibClang_VERSION ${CMAKE_MATCH_1})
  else()
    set(LibClang_VERSION 17)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibClang
  REQUIRED_VARS LibClang_LIBRARY LibClang_INCLUDE_DIR
  VERSION_VAR LibClang_VERSION
  REASON_FAILURE_MESSAGE "gradcc needs libclang of LLVM 17 or newer, with its \
headers. Install it (tools/setup does, on Debian and Ubuntu), or name its \
prefix by -DLibClang_ROOT=...")
mark_as_advanced(LibClang_LIBRARY LibClang_INCLUDE_DIR)

if(LibClang_FOUND AND NOT TARGET LibClang::LibClang)
  add_library(LibClang::LibClang UNKNOWN IMPORTED)
  set_target_properties(LibClang::LibClang PROPERTIES
    IMPORTED_LOCATION ${LibClang_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LibClang_INCLUDE_DIR})
endif()
