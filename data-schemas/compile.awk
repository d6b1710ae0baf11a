# SPDX-License-Identifier: MIT
# Compiles data-schemas into C initialisers.  POSIX awk; run it with LC_ALL=C.
#
#   awk -v mode=tables -f compile.awk tables/*.json    > register/tables.inc
#   awk -v mode=embed  -f compile.awk policy/*.json    > policy/schemas.inc
#
# mode=tables  reads Frictionless Table Schemas and writes the arrays that
#              lib/register/schema.c includes, sorted by table name.  What it
#              does not know or finds inconsistent is an error, never skipped.
#              Beside Frictionless a field has x-type (see enum column_type in
#              schema.h), left (of the bar: safe for cut and awk -F,), title_zh,
#              x-aliases (more Chinese headers taken on input), and by type
#              x-letter (id), x-vocabulary (place), x-digits (digest), x-ref
#              (ref, list, id: the table its keys are of; code: they may be),
#              x-labels (enum), x-clears ("-" clears).  A foreign key is stated
#              for each ref or id with x-ref, unless it x-clears.  A record
#              ledger may have x-writer: the program that appends its rows.
# mode=embed   writes { "name", "text" }, for each file, sorted by name.

BEGIN {
	if (mode != "tables" && mode != "embed")
		fail("compile.awk", "say -v mode=tables or -v mode=embed")
	if (ARGC < 2)
		fail("compile.awk", "no files named")
	print "/* Made by data-schemas/compile.awk: edit the JSON instead. */"
	if (mode == "embed")
		embed_all()
	else
		tables_all()
	exit 0
}

function fail(where, why) {
	printf "%s: %s\n", where, why > "/dev/stderr"
	exit 1
}

# The whole of a file into text.
function slurp(file,    line, got) {
	text = ""
	while ((got = (getline line < file)) > 0)
		text = text line "\n"
	if (got < 0)
		fail(file, "cannot be read")
	close(file)
}

# s as the inside of a C string literal.
function c_escape(s) {
	if (s ~ /[\001-\010\013-\037\177]/)
		fail(file, "a control byte")
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\"", s)
	gsub(/\t/, "\\t", s)
	gsub(/\?\?/, "?\\?", s)
	return s
}

function c_string(s) { return "\"" c_escape(s) "\"" }

# v[1..n] in byte order, by insertion.
function sort(v, n,    i, j, t) {
	for (i = 2; i <= n; i++) {
		t = v[i]
		for (j = i - 1; j > 0 && (v[j] "") > (t ""); j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
}

# ---- embed ----

function embed_all(    i, n, name, names, where) {
	for (i = 1; i < ARGC; i++) {
		name = ARGV[i]
		sub(/.*\//, "", name)
		if (name in where)
			fail(ARGV[i], "a second file of that name")
		where[name] = ARGV[i]
		names[++n] = name
	}
	sort(names, n)
	for (i = 1; i <= n; i++) {
		file = where[names[i]]
		slurp(file)
		printf "{ %s,\n", c_string(names[i])
		embed_text(text)
		print "},"
	}
}

function embed_text(s,    i, n, lines) {
	n = split(s, lines, "\n") - 1
	if (n < 1)
		print "\t\"\""
	for (i = 1; i <= n; i++)
		printf "\t\"%s\\n\"\n", c_escape(lines[i])
}

# ---- JSON: values by path, "fields/3/name"; what[] is object array string number or word ----

function json_read(f) {
	file = f
	split("", value); split("", what); split("", count); split("", member)
	slurp(f)
	line = 1
	json_value("")
	json_blank()
	if (text != "")
		json_fail("something after the end")
}

function json_fail(why) { fail(file ":" line, why) }

function json_blank() {
	while (match(text, /^[ \t]*\n/)) {
		line++
		text = substr(text, RLENGTH + 1)
	}
	if (match(text, /^[ \t]+/))
		text = substr(text, RLENGTH + 1)
}

function json_want(c) {
	json_blank()
	if (substr(text, 1, 1) != c)
		json_fail("not a " c)
	text = substr(text, 2)
}

# One string, unescaped; \u is not taken, as these files are UTF-8.
function json_string(    s, c) {
	json_want("\"")
	s = ""
	while (match(text, /^[^"\\\n]+/) || text ~ /^\\["\\\/nt]/) {
		if (substr(text, 1, 1) != "\\") {
			s = s substr(text, 1, RLENGTH)
			text = substr(text, RLENGTH + 1)
			continue
		}
		c = substr(text, 2, 1)
		s = s (c == "n" ? "\n" : c == "t" ? "\t" : c)
		text = substr(text, 3)
	}
	if (substr(text, 1, 1) != "\"")
		json_fail("a string that does not end, or an escape other than \\\" \\\\ \\/ \\n \\t")
	text = substr(text, 2)
	return s
}

function json_value(path,    c) {
	json_blank()
	if (path in what)
		json_fail("a second " path)
	c = substr(text, 1, 1)
	if (c == "{" || c == "[") {
		json_items(path, c)
	} else if (c == "\"") {
		what[path] = "string"
		value[path] = json_string()
	} else if (match(text, /^(true|false)/) || match(text, /^-?[0-9]+/)) {
		what[path] = c ~ /[tf]/ ? "word" : "number"
		value[path] = substr(text, 1, RLENGTH)
		text = substr(text, RLENGTH + 1)
	} else {
		json_fail("not a value")
	}
}

# The inside of an object or array.
function json_items(path, open,    n, key, c, to) {
	what[path] = open == "{" ? "object" : "array"
	to = open == "{" ? "}" : "]"
	text = substr(text, 2)
	count[path] = 0
	json_blank()
	if (substr(text, 1, 1) == to) {
		text = substr(text, 2)
		return
	}
	for (;;) {
		n = ++count[path]
		key = n
		if (open == "{") {
			key = json_string()
			json_want(":")
		}
		member[path, n] = key
		json_value(path (path == "" ? "" : "/") key)
		json_blank()
		c = substr(text, 1, 1)
		text = substr(text, 2)
		if (c == to)
			return
		if (c != ",")
			json_fail("not a , or " to)
	}
}

# The value at path, which must be of that kind (or absent, then "").
function get(path, kind) {
	if (!(path in what))
		return ""
	if (what[path] != kind)
		fail(file, path ": not a " kind)
	return value[path]
}

function need(path, kind,    s) {
	s = get(path, kind)
	if (s == "")
		fail(file, path ": missing")
	return s
}

function flag(path,    s) {
	s = get(path, "word")
	return s == "true" ? 1 : 0
}

# Every key of the object at path is one of the words in known.
function only(path, known,    i) {
	for (i = 1; i <= count[path]; i++)
		if (index(" " known " ", " " member[path, i] " ") == 0)
			fail(file, path ": unknown property " member[path, i])
}

# ---- tables ----

function tables_all(    i, n, name, names, where, out) {
	for (i = 1; i < ARGC; i++) {
		json_read(ARGV[i])
		name = need("name", "string")
		if (ARGV[i] !~ ("(^|/)" name "\\.json$"))
			fail(ARGV[i], "holds a table named " name)
		where[name] = ARGV[i]
		names[++n] = name
	}
	sort(names, n)
	for (i = 1; i <= n; i++)
		out = out table(where[names[i]])
	for (name in wanted)
		if (!(name in where))
			fail(wanted[name], "x-ref to " name ", which is no table")
	printf "\nstatic const struct table tables[] = {\n%s};\n", out
	printf "\nstatic const char words[] =\n%s\t\"\";\n", words
	printf "\nstatic const char id_letters[] = %s;\n", c_string(letters)
}

# Prints the columns of one table and returns its own initialiser.
function table(f,    name, c, i, n, nleft, rows) {
	json_read(f)
	only("", "name title title_zh description kind x-writer id_letter x-levels-after primaryKey foreignKeys fields missingValues")
	name = need("name", "string")
	c = name
	gsub(/-/, "_", c)
	split("", seen); split("", at); split("", linked)
	foreign_keys(name)
	n = count["fields"]
	if (what["fields"] != "array" || n == 0)
		fail(f, "no fields")
	for (i = 1; i <= n; i++) {
		rows = rows column("fields/" i, i - 1, name)
		if (flag("fields/" i "/left"))
			if (++nleft != i)
				fail(f, "fields/" i ": left, after one that is not")
	}
	for (i in linked)
		fail(f, "foreignKeys: " i " has none by its x-type and x-ref")
	if (!("missingValues" in what) || count["missingValues"] != 1 || value["missingValues/1"] != "")
		fail(f, "missingValues: not [\"\"]")
	printf "\nstatic const struct column %s_columns[] = {\n%s};\n", c, rows
	return table_row(name, c, n, nleft)
}

function table_row(name, c, n, nleft,    s, kind, letter, writer, after) {
	kind = one_of("kind", "record master journal view")
	letter = get("id_letter", "string")
	if (letter != "" && value["fields/1/x-letter"] != letter)
		fail(file, "id_letter: not the letter of the first field")
	s = "\t{ .name = " c_string(name) ", .title = " c_string(need("title", "string"))
	s = s ", .title_zh = " c_string(need("title_zh", "string")) ", .kind = TABLE_" toupper(kind)
	if (letter != "") {
		if (index(letters, letter))
			fail(file, "id_letter: " letter " is that of another table")
		letters = letters letter
		s = s ", .id_letter = '" letter "'"
	}
	writer = get("x-writer", "string")
	if (writer != "" && kind != "record")
		fail(file, "x-writer: only a record ledger has one")
	if (writer != "")
		s = s ", .writer = " c_string(writer)
	s = s primary_key()
	after = get("x-levels-after", "string")
	if (after != "") {
		if (!(after in at))
			fail(file, "x-levels-after: no field " after)
		s = s ", .levels_at = " at[after] + 1
	}
	return s ",\n\t  .columns = " c "_columns, .ncolumns = " n ", .nleft = " nleft " },\n"
}

# The key: its first column and how many it has.
function primary_key(    i, n, k) {
	if (what["primaryKey"] == "string") {
		n = 1
		k = value["primaryKey"]
	} else {
		n = count["primaryKey"]
		k = value["primaryKey/1"]
		for (i = 1; i <= n; i++)
			if (!(value["primaryKey/" i] in at))
				fail(file, "primaryKey: no field " value["primaryKey/" i])
	}
	if (!(k in at))
		fail(file, "primaryKey: no field " k)
	for (i = 2; i <= n; i++)
		k = k "," value["primaryKey/" i]
	i = k
	sub(/,.*/, "", i)
	return ", .key = " at[i] ", .primary = " c_string(k)
}

function one_of(path, words,    s) {
	s = need(path, "string")
	if (index(" " words " ", " " s " ") == 0)
		fail(file, path ": " s " is not one of " words)
	return s
}

function foreign_keys(name,    i, p, to) {
	for (i = 1; i <= count["foreignKeys"]; i++) {
		p = "foreignKeys/" i
		only(p, "fields reference")
		only(p "/reference", "resource fields")
		need(p "/reference/fields", "string")
		to = get(p "/reference/resource", "string")
		linked[need(p "/fields", "string")] = to == "" ? name : to
	}
}

# A field's foreign key is stated where, and only where, its value is surely a key.
function foreign_key(p, name, type,    col, to) {
	col = value[p "/name"]
	to = get(p "/x-ref", "string")
	if (to != "")
		wanted[to] = file
	if (type == "ref" && to == "")
		fail(file, col ": ref without x-ref")
	if (value["kind"] == "view" || (type != "ref" && type != "id") || to == "" || flag(p "/x-clears"))
		return
	if (linked[col] != to)
		fail(file, "foreignKeys: nothing for " col)
	delete linked[col]
}

# A label, title or alias stands once in a table.
function unique(s, col) {
	if ((s in seen) && seen[s] != col)
		fail(file, "\"" s "\" names both " seen[s] " and " col)
	seen[s] = col
}

# Strings of a column, put into words; returns the initialiser that says where they begin there.
function into_words(of, p,    i, s, from) {
	if (!count[p])
		return ""
	from = nwords + 0
	for (i = 1; i <= count[p]; i++) {
		s = what[p] == "object" ? value[p "/" member[p, i]] : value[p "/" i]
		words = words "\t\"" c_escape(s) "\\0\"\n"
		nwords += length(s) + 1
	}
	return ", ." of " = " from
}

# A string as the initialiser of a member that has room for so many bytes with the NUL (schema.h).
function member_of(name, s, room) {
	if (length(s) >= room)
		fail(file, "\"" s "\": longer than the " room - 1 " bytes that schema.h has for a " name)
	return "." name " = " c_string(s)
}

function column(p, i, name,    s, col, type, left) {
	only(p, "name type x-type left x-letter x-ref x-vocabulary x-digits x-clears title title_zh x-aliases constraints x-labels")
	only(p "/constraints", "required pattern enum minimum maximum maxLength")
	col = need(p "/name", "string")
	if (col !~ /^[a-z][a-z0-9_]*$/ || (col in at))
		fail(file, p "/name: not a name, or a second one")
	at[col] = i
	type = one_of(p "/x-type", "id code enum place time date integer fen qty digest ref list text")
	left = flag(p "/left")
	if ((type == "text") == left)
		fail(file, col ": text stands right of the bar, all else left of it")
	foreign_key(p, name, type)
	s = "\t{ " member_of("name", col, 16) ", " member_of("title", need(p "/title", "string"), 24)
	s = s ", " member_of("title_zh", need(p "/title_zh", "string"), 28) ", .type = COLUMN_" toupper(type)
	s = s column_names(p, col) column_enum(p, col, type) column_flags(p, col, type, left)
	return s column_limits(p, col, type) " },\n"
}

function column_names(p, col,    i, n) {
	unique(col, col)
	unique(value[p "/title_zh"], col)
	n = count[p "/x-aliases"]
	for (i = 1; i <= n; i++)
		unique(value[p "/x-aliases/" i], col)
	return n ? into_words("aliases", p "/x-aliases") ", .naliases = " n : ""
}

function column_enum(p, col, type,    i, e, l) {
	e = p "/constraints/enum"
	l = p "/x-labels"
	if ((type == "enum") != (e in what) || (type == "enum") != (l in what) || count[e] != count[l])
		fail(file, col ": an enum has constraints.enum and as many x-labels, all else has neither")
	for (i = 1; i <= count[e]; i++)
		if (value[e "/" i] != member[l, i])
			fail(file, col ": x-labels: not in the order of constraints.enum")
	return type == "enum" ? into_words("values", e) into_words("labels", l) ", .nvalues = " count[e] : ""
}

function column_flags(p, col, type, left,    s, v) {
	if (left)
		s = s ", .left = true"
	if (flag(p "/constraints/required"))
		s = s ", .required = true"
	if (flag(p "/x-clears"))
		s = s ", .clears = true"
	v = get(p "/x-letter", "string")
	if ((type == "id") != (v ~ /^[A-Z]$/))
		fail(file, col ": an id, and nothing else, has an x-letter")
	if (v != "")
		s = s ", .letter = '" v "'"
	v = get(p "/x-vocabulary", "string")
	if ((type == "place") != (v != ""))
		fail(file, col ": a place enum, and nothing else, has an x-vocabulary")
	if (v != "")
		s = s ", " member_of("vocabulary", v, 16)
	v = get(p "/x-ref", "string")
	if (v != "")
		s = s ", " member_of("ref", v, 12)
	return s
}

# Bounds.  Everything but enums, integers and dates states its pattern, too.
function column_limits(p, col, type,    s, v, k) {
	k = p "/constraints/"
	if (type == "digest" && (v = need(p "/x-digits", "number")))
		s = s ", .digits = " v
	if (type ~ /^(integer|fen)$/ && !flag(p "/x-clears"))
		s = s ", .low = " need(k "minimum", "number") ", .high = " need(k "maximum", "number")
	else if (type == "fen" || type == "integer")
		s = s ", .low = 0, .high = 999999999999999"
	if (type == "qty" && substr(need(k "pattern", "string"), 1, 3) == "^-?")
		s = s ", .low = -1"
	v = get(k "maxLength", "number")
	s = s ", .max = " (v == "" ? 64 : v)
	if (type ~ /^(id|code|place|time|qty|digest|ref|list)$/)
		need(k "pattern", "string")
	return s
}
