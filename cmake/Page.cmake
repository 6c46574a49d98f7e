# Turns a style sheet and a script into the C source of compare/page.h:
#
#     cmake -D STYLE=page.css -D SCRIPT=page.js -D OUT=page.c -P Page.cmake
#
# Both must be ASCII (a compiler refuses other bytes here), and stand in the page byte by byte: the policy has their hashes.
cmake_minimum_required(VERSION 3.25)

function(array variable name file)
	file(READ "${file}" bytes HEX)
	string(REGEX REPLACE "(................................)" "\\1\n\t" bytes "${bytes}")
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${bytes}")
	string(REPLACE " \n" "\n" bytes "${bytes}")
	set(${variable} "const char ${name}[] = {\n\t${bytes}0\n};\n" PARENT_SCOPE)
endfunction()

# SHA-256 in base64, as a policy wants it: three hexadecimal digits are two of base64.
function(hash variable file)
	set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
	file(SHA256 "${file}" digest)
	set(digest "${digest}00")
	set(text "")
	foreach(at RANGE 0 63 3)
		string(SUBSTRING "${digest}" ${at} 3 digits)
		math(EXPR high "0x${digits} >> 6")
		math(EXPR low "0x${digits} & 63")
		string(SUBSTRING "${alphabet}" ${high} 1 high)
		string(SUBSTRING "${alphabet}" ${low} 1 low)
		string(APPEND text "${high}${low}")
	endforeach()
	string(REGEX REPLACE ".$" "=" text "${text}")
	set(${variable} "'sha256-${text}'" PARENT_SCOPE)
endfunction()

array(style compare_page_style "${STYLE}")
array(script compare_page_script "${SCRIPT}")
hash(style_hash "${STYLE}")
hash(script_hash "${SCRIPT}")
set(policy "default-src 'none'; img-src data:; style-src ${style_hash}; script-src ${script_hash}")
string(APPEND policy "; base-uri 'none'; form-action 'none'")
file(WRITE "${OUT}" "#include \"compare/page.h\"\n\n${style}\n${script}\n"
	"const char compare_page_policy[] = \"${policy}\";\n")
