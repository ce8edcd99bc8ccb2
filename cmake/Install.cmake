# The library as others use it, shared and static, and the installation.
get_property(layers GLOBAL PROPERTY GRADC_LAYERS)
list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE archives)
# What the layers are linked with, those of the highest first.
set(gradc_needs)
list(REVERSE layers)
foreach(layer ${layers})
    get_target_property(libraries ${layer} LINK_LIBRARIES)
    list(FILTER libraries EXCLUDE REGEX "gradc_")
    list(APPEND gradc_needs ${libraries})
endforeach()
list(REMOVE_DUPLICATES gradc_needs)

add_library(gradc_shared SHARED ${objects})
target_link_libraries(gradc_shared PRIVATE ${gradc_needs})
target_link_options(gradc_shared PRIVATE -Wl,--no-undefined)
if(GRADC_SANITIZE)
    target_link_options(gradc_shared PRIVATE -fsanitize=${GRADC_SANITIZE})
    get_target_property(options gradc_shared LINK_OPTIONS)
    list(REMOVE_ITEM options -Wl,--no-undefined) # the run-time of sanitizers is in the executable
    set_target_properties(gradc_shared PROPERTIES LINK_OPTIONS "${options}")
endif()
set_target_properties(gradc_shared PROPERTIES OUTPUT_NAME gradc LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR} EXPORT_NAME gradc)

# One object in which only the public names are global, so that no name of a program can meet one of the inside.
set(whole ${CMAKE_BINARY_DIR}/gradc_whole.o)
add_custom_command(OUTPUT ${whole}
    COMMAND ${CMAKE_LINKER} -r -o ${whole} --whole-archive ${archives}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${whole}
    DEPENDS ${layers} VERBATIM COMMAND_EXPAND_LISTS)
add_library(gradc_static STATIC ${whole})
set_source_files_properties(${whole} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
set_target_properties(gradc_static PROPERTIES OUTPUT_NAME gradc LINKER_LANGUAGE C)
target_link_libraries(gradc_static INTERFACE ${gradc_needs})
foreach(library gradc_shared gradc_static)
    target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()

include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/gradc)
set(generated ${CMAKE_BINARY_DIR}/package)
# Files for pkg-config say where they are relative to themselves: the folder may be moved.
file(RELATIVE_PATH GRADC_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
list(TRANSFORM gradc_needs PREPEND -l OUTPUT_VARIABLE flags)
list(JOIN flags " " GRADC_NEEDS)
configure_file(cmake/gradc.pc.in ${generated}/gradc.pc @ONLY)
configure_file(cmake/gradc-static.pc.in ${generated}/gradc-static.pc @ONLY)
configure_package_config_file(cmake/gradcConfig.cmake.in ${generated}/gradcConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${generated}/gradcConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS gradc_shared gradc_static EXPORT gradc)
install(EXPORT gradc NAMESPACE gradc:: FILE gradcTargets.cmake DESTINATION ${package})
install(FILES ${generated}/gradcConfig.cmake ${generated}/gradcConfigVersion.cmake DESTINATION ${package})
install(FILES ${generated}/gradc.pc ${generated}/gradc-static.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY include/gradc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET gradc)
    install(TARGETS gradc)
endif()
