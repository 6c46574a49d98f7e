# A room is a folder and a static library, eniflow_<room>; what it may link is what it may include.
function(eniflow_room name)
	file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
	list(FILTER sources EXCLUDE REGEX "/main\\.c$")
	add_library(eniflow_${name} STATIC ${sources})
	target_include_directories(eniflow_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
	target_link_libraries(eniflow_${name} PUBLIC ${ARGN} PRIVATE eniflow_flags)
endfunction()
