# Language, warnings, sanitizers: what every target of gradc is compiled with.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(gradc_options INTERFACE)
target_compile_definitions(gradc_options INTERFACE _POSIX_C_SOURCE=200809L)
# No contraction: the same bits from every reader of a program (see docs/architecture.md).
target_compile_options(gradc_options INTERFACE -ffp-contract=off -fno-strict-aliasing)
set(GRADC_WARNINGS -Wall -Wextra -Wpedantic -Wswitch-enum -Wshadow -Wconversion -Wstrict-prototypes
    -Werror=implicit-function-declaration)
if(GRADC_WERROR)
    list(APPEND GRADC_WARNINGS -Werror)
endif()
if(GRADC_SANITIZE)
    target_compile_options(gradc_options INTERFACE -fsanitize=${GRADC_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer -g)
    target_link_options(gradc_options INTERFACE -fsanitize=${GRADC_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_definitions(gradc_options INTERFACE GRADC_VERIFY=1)
endif()

# gradc_layer(NAME [DEPENDS layer...] [LIBRARIES lib...] [SOURCES extra...]): one folder of src/ as a static library.
function(gradc_layer name)
    cmake_parse_arguments(LAYER "" "" "DEPENDS;LIBRARIES;SOURCES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c)
    add_library(gradc_${name} STATIC ${sources} ${LAYER_SOURCES})
    target_include_directories(gradc_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src PRIVATE ${CMAKE_SOURCE_DIR}/include)
    target_link_libraries(gradc_${name} PUBLIC gradc_options)
    foreach(layer ${LAYER_DEPENDS})
        target_link_libraries(gradc_${name} PUBLIC gradc_${layer})
    endforeach()
    target_link_libraries(gradc_${name} PUBLIC ${LAYER_LIBRARIES})
    target_compile_options(gradc_${name} PRIVATE ${GRADC_WARNINGS})
endfunction()
