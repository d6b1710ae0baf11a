#!/bin/sh
# SPDX-License-Identifier: MIT
# Files as clerks send them (reliability.md I4, I5): each is taken as it is meant, or refused whole with the line, the
# column, what was found and what to do; then no byte of the register has changed.
. "$(dirname "$0")/../tap.sh"
. "$tests/office.sh"
need gridctl hazard-add hazard-list iconv awk

now=--now=2026-03-10T09:00:00+08:00
bom='\357\273\277'
head='grid,severity,description'
row='990101,general'

bytes() {
	find reg -type f ! -path '*/.index/*' -exec sha256sum {} + | sort | sha256sum
}

# refused FORMAT MESSAGE [OPTION...]: printf's file, and the first line said of it behind the file's name
refused() {
	printf "$1" >in.csv
	message=$2
	shift 2
	status 3 hazard-add $now "$@" in.csv
	is "$(sed '1s/^hazard-add: //;1q' err)" "in.csv$message"
	empty out
	is "$(bytes)" "$before" 'the register'
	count=$((count + 1))
}

begin() {
	office reg
	before=$(bytes)
	count=0
}

odd_bytes() {
	begin
	refused '' ': the file is empty'
	refused "$bom" ': no header, the file has only empty lines'
	refused '\n \r\n' ': no header, the file has only empty lines'
	refused '\n,,\n1,2,3\n' ':2: the header is empty'
	refused "$head\n$row,a\0b\n" ':2:17: a NUL byte'
	refused "$head\n\0" ':2:1: a NUL byte'
	refused "gr\0id,severity\n$row\n" ':1:3: a NUL byte'
	refused "$head\n$row,x\n\032" ':3:1: ctrl-Z (0x1A), an end-of-file mark of old systems; delete it'
	refused "$head\r\n$row,x\r\n\032\r\n" ':3:1: ctrl-Z (0x1A), an end-of-file mark of old systems; delete it'
	refused "$head\n$row,a\033[31mb\n" ':2: description: the control character U+001B at byte 2; remove it'
	refused "$head\n$row,a\302\233b\n" ':2: description: the control character U+009B at byte 2; remove it'
	refused "$head\n$row,a\177b\n" ':2: description: the control character U+007F at byte 2; remove it'
	refused "$head\n$row,二␤行\n" ':2: description: the character ␤ (U+2424) at byte 4, which ledgers use for line breaks; write a line break instead'
	is $count 13
}

encodings() {
	begin
	refused "$head\n$row,\377\n" ':2:16: invalid UTF-8 (byte 0xFF); name the file'"'"'s encoding with --encoding'
	refused "$head\n$row,患\n$row,\377\n" ':3:16: invalid UTF-8 (byte 0xFF)'
	refused "$head\n$row,患\n$row,\322\376\n" ':3:16: invalid UTF-8 (byte 0xD2); the row alone reads as gb18030'
	refused "$head\n$row,\322\376\273\274\n" \
		':2:16: invalid UTF-8 (byte 0xD2), but the file reads cleanly as gb18030; if it is that, say --encoding=gb18030'
	refused "$head\n$row,\355\240\200\n" ':2:16: invalid UTF-8 (byte 0xED)'"; name the file's encoding with --encoding"
	refused "$head\n$row,\300\n" ':2:16: invalid UTF-8 (byte 0xC0)'"; name the file's encoding with --encoding"
	refused 'g\0r\0i\0d\0\n\0' ': NUL bytes as in UTF-16 without a BOM; if it is that, say --encoding=utf-16le'
	refused '\0g\0r\0i\0d\0\n' ': NUL bytes as in UTF-16 without a BOM; if it is that, say --encoding=utf-16be'
	# a text that was said to be what it is not
	printf "$head\n$row,车间灭火器已经过期\n" >in.csv
	status 3 hazard-add $now --encoding=gb18030 in.csv
	is "$(head -n 1 err)" 'hazard-add: in.csv: is UTF-8 and not gb18030; leave --encoding out'
	is "$(bytes)" "$before"
	status 2 hazard-add $now --encoding=klingon in.csv
	like "$(cat err)" 'unknown encoding "klingon"'
	is $count 8
}

quotes_and_counts() {
	begin
	refused "$head\n$row,x\"y\n" ':2:17: a quote inside an unquoted field; put the field in quotes and double this one'
	refused "$head\n$row,\"x\n$row,y\n" ':2:16: quote opened here is never closed'
	refused "$head\n$row,\"x\"\"\n" ':2:16: quote opened here is never closed'
	refused "$head\n$row,\"x\"y\n" \
		':2:19: text behind the closing quote of the field that begins in line 2; close it elsewhere, or double the quote'
	refused "grid,sev\"erity\n$row\n" ':1:9: a quote inside an unquoted field; put the field in quotes and double this one'
	refused "grid,\"severity\n$row\n" ':1:6: quote opened here is never closed'
	refused "$head\n$row\n" ':2: 2 fields, the header has 3'
	refused "$head\n$row,x,y\n" ':2: 4 fields, the header has 3'
	refused "$head\n\n$row,\"x\ny\"\n$row\n" ':5: 2 fields, the header has 3'
	refused "$head\r$row,x\r$row\r" ':3: 2 fields, the header has 3'
	is $count 10
}

headers_and_values() {
	begin
	refused "grid;severity;description\n990101;general;x\n" \
		':1: the fields are separated by semicolons, not by commas; save the file as CSV, comma delimited'
	refused "grid\tseverity\tdescription\n990101\tgeneral\tx\n" \
		':1: the fields are separated by tabs, not by commas; save the file as CSV, comma delimited'
	refused "网格，隐患等级\n990101，general\n" \
		':1: the fields are separated by full-width commas, not by commas; save the file as CSV, comma delimited'
	refused "gird,severity,description\n$row,x\n" ':1: unknown column "gird"; did you mean grid?'
	refused "grid,severity,grid\n$row,990101\n" ':1: columns 1 ("grid") and 3 ("grid") are the same'
	refused "$head\n990109,general,x\n" ':2: grid: no grid "990109"; did you mean 990101?'
	refused "$head\n990101,serious,x\n" ':2: severity: "serious" is not one of minor, general, major'
	refused "$head,reported_at\n$row,x,2026-02-30 08:00\n" \
		':2: reported_at: "2026-02-30 08:00" is not a time: February 2026 has 28 days; write 2026-02-28T08:00:00+08:00'
	refused "$head,reported_at\n$row,x,45992\n" \
		':2: reported_at: "45992" is not a time: it looks like a day number of Excel; write 2025-12-01T00:00:00+08:00'
	refused "$head,reported_at\n$row,x,10/03/2026\n" \
		':2: reported_at: "10/03/2026" is not a time: the year must come first and have four digits; write it as 2026-02-03T14:35:00+08:00'
	is $count 10
}

# What is odd but can only mean one thing is taken.
taken() {
	begin
	printf "$bom$head\r\n$row,一\r\n$row,\"二\r\n行\"" >in.csv
	status 0 hazard-add $now in.csv
	printf "\n\n$head\n \n$row, 三 \n\n" >in.csv
	status 0 hazard-add $now in.csv
	printf "$head\r$row,四\r" >in.csv
	status 0 hazard-add $now in.csv
	printf "$head\n$row,五\n" | iconv -t UTF-16 >in.csv
	status 0 hazard-add $now in.csv
	printf "$head\n$row,六\n" | iconv -t GB18030 >in.csv
	status 0 hazard-add $now --encoding=gb18030 in.csv
	printf "网格,隐患等级,隐患描述\n９９０１０１,general,　七　\n" >in.csv
	status 0 hazard-add $now in.csv
	hazard-list $now --columns=description | same - /dev/fd/3 3<<-'END'
		description
		一
		二␤行
		三
		四
		五
		六
		七
	END
}

# libcsv is loaded when a file of somebody else comes, and not before
without_libcsv() {
	begin
	mkdir lib
	echo 'no library' >lib/libcsv.so.3
	LD_LIBRARY_PATH=$PWD/lib
	export LD_LIBRARY_PATH
	status 0 hazard-add $now --grid=990101001001 --category=fire --severity=general --description='灭火器"过期",二具'
	id=$(cat out)
	status 0 hazard-update $now note --note='再看,"仍过期"' "$id"
	status 0 hazard-list $now --columns=hazard,state
	same - out <<-END
		hazard,state
		$id,reported
	END
	before=$(bytes)
	printf '%s\n%s,"a, b"\n' "$head" "$row" >in.csv
	status 4 hazard-add $now in.csv
	like "$(cat err)" '^hazard-add: libcsv, .* cannot be loaded \(.*/lib/libcsv.so.3: .*\); install it \(Debian: libcsv3\)$'
	empty out
	is "$(bytes)" "$before" 'the register'
}

t 'bytes that no text has' odd_bytes
t 'encodings are never guessed' encodings
t 'quotes, line ends and counts of fields' quotes_and_counts
t 'headers and values' headers_and_values
t 'what can only mean one thing is taken' taken
t 'libcsv is needed for files of others only' without_libcsv
plan
