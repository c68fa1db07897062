# What `cmake --install` puts where: headers, libraries, pkg-config files, the CMake package, the program.
# Components: cep (the command), runtime (the shared libraries), dev (what programs are built with).
include(CMakePackageConfigHelpers)
set(CEP_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/cep)

install(FILES cep/cep.h cep/cep_io.h cep/cep_lang.h cep/stats.def DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cep COMPONENT dev)
install(TARGETS cep cep_static cep_io cep_io_static EXPORT cep-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT dev
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(EXPORT cep-targets NAMESPACE cep:: DESTINATION ${CEP_CMAKE_DIR} COMPONENT dev)

configure_package_config_file(cmake/cep-config.cmake.in ${CMAKE_BINARY_DIR}/cep-config.cmake
  INSTALL_DESTINATION ${CEP_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cep-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cep-config.cmake ${CMAKE_BINARY_DIR}/cep-config-version.cmake
  DESTINATION ${CEP_CMAKE_DIR} COMPONENT dev)

# Relative to the file, so that what was configured for one place can be packed for another.
file(RELATIVE_PATH CEP_PC_UP /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
foreach(name cep cep-io)
  configure_file(cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endforeach()

if(PROJECT_IS_TOP_LEVEL)
  include(cmake/package.cmake)
endif()
