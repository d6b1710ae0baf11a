/* SPDX-License-Identifier: MIT */
#include "register/schema.h"
#include <check.h>
#include <jansson.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/time.h"
#include "runhelp.h"

#define CN 28800

/* The columns of ledgers.md, in order, with the bar. */
static const struct {
	const char *table, *columns;
} law[] = {
	{ "actions",
	  "action,commit,at,kind,organ,subject,hazard,campaign,qty,unit,amount_fen,replaces|doc_no,note" },
	{ "activities",
	  "activity,commit,at,kind,organ,grid,campaign,regime,audience,venue,sessions,people,qty,unit,"
	  "sha256,replaces|title,file,note" },
	{ "answers",
	  "inspection,commit,item,answer,hazard|note" },
	{ "campaigns",
	  "campaign,phase,from,to,organ,grid,target,qty,unit|name" },
	{ "declared",
	  "declared,commit,organ,period,figure,unit,value,replaces|basis" },
	{ "deliveries",
	  "delivery,commit,at,notice,act,channel,attempt,result,next_at,by|to,note" },
	{ "devices",
	  "device,kind,subject,grid,point,status,installed_on,valid_to|name" },
	{ "events",
	  "event,commit,at,hazard,step,result,actor,tier,owner,assist,person,verifier,due,severity,"
	  "category,cause,measure,fund_fen,fund_source,on_behalf_of,key,field|was,value,plan,reason,note" },
	{ "evidence",
	  "evidence,commit,at,hazard,measure,inspection,phase,bytes,sha256,taken_at,by|file" },
	{ "grids",
	  "grid,parent,level,kind,households,population,area_m2,posted_on,succeeds,valid_from,"
	  "valid_to|name" },
	{ "hazard-list",
	  "hazard,reported_at,found_at,grid,subject,point,category,severity,source,reporter,inspection,"
	  "item,campaign,related,emergency,subject_kind,sector,landlord,state,phase,tier,owner,person,due,"
	  "first_due,overdue,light,held,days,round,followed,rectified_at,first_closed_at,closed_at,"
	  "closed_by,closer_level,rebounds,supervised|subject_name,ref,place,description" },
	{ "hazards",
	  "hazard,commit,reported_at,found_at,grid,subject,point,category,severity,source,reporter,"
	  "found_by,inspection,item,campaign,related,emergency,policy|ref,place,description" },
	{ "incidents",
	  "incident,commit,at,kind,grid,subject,dead,injured,loss_fen,replaces|note" },
	{ "inspections",
	  "inspection,commit,start_at,end_at,kind,grid,subject,target_organ,organ,organs,on_behalf_of,"
	  "officers,people,checklist,result,campaign,replaces|signed_by,note" },
	{ "journal",
	  "kind,seq,at,login,actor,command,version,key,policy,spans,sizes,chain" },
	{ "measures",
	  "measure,commit,at,hazard,no,owner,person,due,fund_fen,verifier,replaces|text" },
	{ "notice-lines",
	  "notice,commit,line,hazard,due,overdue,silenced_by|note" },
	{ "notices",
	  "notice,commit,at,kind,number,issuer,receiver,person,subject,due,key|title" },
	{ "officers",
	  "officer,organ,grade,origin,mentor,login,valid_from,valid_to|name,phone" },
	{ "organs",
	  "organ,kind,level,grid,parent,dispatch,valid_from,valid_to|name,mail,phone" },
	{ "periods",
	  "period,commit,name,revision,closed_at,as_of,known,sha256|file,reason" },
	{ "points",
	  "point,grid,subject,kind,category,risk,review_due,valid_from,valid_to|name,control" },
	{ "posts",
	  "post,officer,role,duty,grid,organ,subject,valid_from,valid_to" },
	{ "rewards",
	  "reward,commit,at,act,hazard,reporter,scheme,amount_fen,by|note" },
	{ "subjects",
	  "subject,kind,sector,grid,landlord,risk,stage,status,uscc,scale,staff,updated_on,valid_from,"
	  "valid_to|name,address,contact,phone" },
	{ "tags",
	  "tag,commit,at,subject,name,valid_from,valid_to,replaces|reason" },
};
#define NLAW (sizeof law / sizeof law[0])

/* The column of that name, which exists. */
static const struct column *column(const char *table, const char *name)
{
	const struct table *t = schema_table(span_of(table));
	ck_assert_ptr_nonnull(t);
	int i = schema_column(t, span_of(name));
	ck_assert_msg(i >= 0, "%s has no column %s", table, name);
	return &t->columns[i];
}

/* The message schema_check gives, or "" when the value is right. */
static const char *checked(const char *table, const char *name, const char *value)
{
	static struct err e;

	err_clear(&e);
	int r = schema_check(column(table, name), span_of(value), CN, &e);
	ck_assert_int_eq(r, e.status == ERR_OK ? 0 : -1);
	if (r)
		ck_assert_int_eq(e.status, ERR_DATA);
	return e.text;
}

START_TEST(headers_are_the_law)
{
	const struct table *t = schema_table(span_of(law[_i].table));
	struct buf got = BUF_INIT, want = BUF_INIT;

	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->name, law[_i].table);
	for (int i = 0; i < t->ncolumns; i++) {
		if (i)
			buf_putc(&got, i == t->nleft ? '|' : ',');
		buf_puts(&got, t->columns[i].name);
		ck_assert_int_eq(t->columns[i].left, i < t->nleft);
	}
	ck_assert_str_eq(got.p, law[_i].columns);
	buf_puts(&want, law[_i].columns);
	buf_putc(&want, '\n');
	if (strchr(want.p, '|'))
		*strchr(want.p, '|') = ',';
	buf_reset(&got);
	schema_header(t, &got);
	ck_assert_str_eq(got.p, want.p);
	buf_clear(&got);
	buf_clear(&want);
}
END_TEST

START_TEST(tables_are_sorted_and_whole)
{
	size_t n;
	const struct table *t = schema_tables(&n);

	ck_assert_uint_eq(n, NLAW);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(t[i].name, law[i].table);
		ck_assert_ptr_nonnull(t[i].title);
		ck_assert_ptr_nonnull(t[i].title_zh);
		ck_assert_int_eq(t[i].kind == TABLE_RECORD, schema_column(&t[i], SPAN("commit")) >= 0);
		ck_assert_ptr_eq(strstr(t[i].primary, t[i].columns[t[i].key].name), t[i].primary);
		if (t[i].id_letter)
			ck_assert_ptr_eq(schema_of_letter(t[i].id_letter), &t[i]);
	}
	ck_assert_ptr_null(schema_table(SPAN("hazard")));
	ck_assert_ptr_null(schema_table(SPAN("")));
	ck_assert_ptr_null(schema_of_letter(0));
	ck_assert_ptr_null(schema_of_letter('Z'));
}
END_TEST

START_TEST(columns_are_whole)
{
	size_t n;
	const struct table *t = schema_tables(&n);

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < t[i].ncolumns; k++) {
			const struct column *c = &t[i].columns[k];
			ck_assert_int_eq(c->left, c->type != COLUMN_TEXT);
			ck_assert_int_eq(c->type == COLUMN_ENUM, c->nvalues > 0);
			ck_assert_int_eq(c->type == COLUMN_PLACE, c->vocabulary[0] != '\0');
			ck_assert_int_eq(c->type == COLUMN_ID, c->letter != 0);
			ck_assert_uint_gt(c->max, 0);
			if (c->ref[0] != '\0')
				ck_assert_ptr_nonnull(schema_table(span_of(c->ref)));
			if (c->type == COLUMN_REF)
				ck_assert_str_ne(c->ref, "");
			ck_assert_int_eq(schema_column_label(&t[i], span_of(c->name)), k);
			ck_assert_int_eq(schema_column_label(&t[i], span_of(c->title_zh)), k);
			for (size_t a = 0; a < c->naliases; a++)
				ck_assert_int_eq(schema_column_label(&t[i], span_of(schema_alias(c, a))), k);
			if (c->clears)
				ck_assert_str_eq(t[i].name, "events");
		}
}
END_TEST

START_TEST(the_view_says_where_levels_go)
{
	const struct table *t = schema_table(SPAN("hazard-list"));

	ck_assert_int_eq(t->kind, TABLE_VIEW);
	ck_assert_str_eq(t->columns[t->levels_at - 1].name, "emergency");
	ck_assert_str_eq(t->columns[t->levels_at].name, "subject_kind");
	ck_assert_str_eq(t->columns[t->nleft].name, "subject_name");
	ck_assert_int_eq(schema_table(SPAN("hazards"))->levels_at, 0);
}
END_TEST

START_TEST(keys_and_refs)
{
	ck_assert_str_eq(schema_table(SPAN("hazards"))->primary, "hazard");
	ck_assert_str_eq(schema_table(SPAN("notice-lines"))->primary, "notice,line");
	ck_assert_str_eq(schema_table(SPAN("grids"))->primary, "grid,valid_from");
	ck_assert_int_eq(schema_table(SPAN("events"))->id_letter, 'E');
	ck_assert_int_eq(schema_table(SPAN("answers"))->id_letter, 0);
	ck_assert_str_eq(column("hazards", "grid")->ref, "grids");
	ck_assert_str_eq(column("events", "owner")->ref, "organs");
	ck_assert_int_eq(column("events", "actor")->type, COLUMN_CODE);
	ck_assert_str_eq(column("events", "actor")->ref, "officers");
	ck_assert_str_eq(column("hazards", "severity")->vocabulary, "severity");
	ck_assert_str_eq(column("subjects", "kind")->vocabulary, "subject_kind");
	ck_assert_int_eq(column("hazards", "policy")->digits, 12);
}
END_TEST

START_TEST(labels)
{
	const struct table *t = schema_table(SPAN("hazards"));
	const struct table *ev = schema_table(SPAN("events"));

	ck_assert_int_eq(schema_column_label(t, SPAN("隐患内容")), schema_column(t, SPAN("description")));
	ck_assert_int_eq(schema_column_label(t, SPAN(" 隐患等级 ")), schema_column(t, SPAN("severity")));
	ck_assert_int_eq(schema_column_label(t, SPAN("　检查日期")), schema_column(t, SPAN("found_at")));
	ck_assert_int_eq(schema_column_label(t, SPAN("Reported_At")), schema_column(t, SPAN("reported_at")));
	ck_assert_int_eq(schema_column_label(t, SPAN("reported at")), schema_column(t, SPAN("reported_at")));
	ck_assert_int_eq(schema_column_label(t, SPAN("ｇｒｉｄ")), schema_column(t, SPAN("grid")));
	ck_assert_int_eq(schema_column_label(ev, SPAN("完成时限")), schema_column(ev, SPAN("due")));
	ck_assert_int_eq(schema_column_label(schema_table(SPAN("measures")), SPAN("整改要求(措施)")),
	    schema_column(schema_table(SPAN("measures")), SPAN("text")));
	ck_assert_int_eq(schema_column_label(t, SPAN("序号")), -1);
	ck_assert_int_eq(schema_column_label(t, SPAN("")), -1);
	ck_assert_int_eq(schema_column(t, SPAN("Grid")), -1);
	ck_assert_int_eq(schema_column(t, SPAN("隐患等级")), -1);
}
END_TEST

START_TEST(nearest)
{
	const struct table *t = schema_table(SPAN("hazards"));

	ck_assert_int_eq(schema_nearest_column(t, SPAN("severty")), schema_column(t, SPAN("severity")));
	ck_assert_int_eq(schema_nearest_column(t, SPAN("reportedat")), schema_column(t, SPAN("reported_at")));
	ck_assert_int_eq(schema_nearest_column(t, SPAN("qqqqqqqqqqqq")), -1);
}
END_TEST

START_TEST(enums)
{
	const struct column *c = column("events", "result");

	ck_assert_int_eq(schema_enum(c, SPAN("pass")), 0);
	ck_assert_int_eq(schema_enum(c, SPAN("不合格")), 1);
	ck_assert_int_eq(schema_enum(c, SPAN("maybe")), -1);
	ck_assert_int_eq(schema_enum(c, SPAN("")), -1);
	ck_assert_int_eq(schema_enum(column("events", "actor"), SPAN("pass")), -1);
	ck_assert_str_eq(schema_value(c, 1), "fail");
	ck_assert_str_eq(schema_label(c, 1), "不合格");
	ck_assert_str_eq(schema_label(column("evidence", "phase"), 0), "整改前");
}
END_TEST

/* Right values and the messages of wrong ones, for every type. */
static const struct {
	const char *table, *column, *value, *text;
} values[] = {
	{ "hazards", "hazard", "T01-H2026-000123", "" },
	{ "hazards", "hazard", "T01-H2026-1000000", "" },
	{ "hazards", "hazard", "", "empty, but a value is required" },
	{ "hazards", "hazard", "T01-E2026-000001",
	  "\"T01-E2026-000001\" is not an id of hazards: write it like T01-H2026-000001" },
	{ "events", "measure", "M1", "\"M1\" is not an id of measures: write it like T01-M2026-000001" },
	{ "hazards", "subject", "", "" },
	{ "hazards", "subject", "992-餐饮#3", "" },
	{ "hazards", "subject", "a b", "\"a b\" holds a blank, which a code must not" },
	{ "hazards", "subject", "a　b", "\"a　b\" holds a blank, which a code must not" },
	{ "hazards", "subject", "a\xc2\xa0" "b", "\"a\xc2\xa0" "b\" holds a blank, which a code must not" },
	{ "hazards", "subject", "a,b", "\"a,b\" holds a comma, which a code must not" },
	{ "hazards", "subject", "a\"b", "\"a\"b\" holds a quote, which a code must not" },
	{ "hazards", "subject", "a;b", "\"a;b\" holds a semicolon, which a code must not" },
	{ "hazards", "subject", "a\033b", "\"a\033b\" holds a control character, which a code must not" },
	{ "hazards", "subject", "a\xc2\x85" "b", "\"a\xc2\x85" "b\" holds a control character, which a code must not" },
	{ "hazards", "subject", "a\xe2\x80\x8b" "b", "\"a\xe2\x80\x8b" "b\" holds an invisible character, which a code must not" },
	{ "hazards", "subject", "a␤b", "\"a␤b\" holds a line break, which a code must not" },
	{ "hazards", "subject", "-", "\"-\" clears nothing here: leave the field empty" },
	{ "hazards", "severity", "serious", "" },
	{ "notices", "number", "（示）应急责改〔2026〕12号", "" },
	{ "events", "owner", "-", "" },
	{ "events", "due", "-", "" },
	{ "events", "fund_fen", "-", "" },
	{ "events", "assist", "-", "" },
	{ "events", "assist", "GAS;FIRE", "" },
	{ "events", "assist", "GAS;;FIRE", "\"GAS;;FIRE\" holds an empty item, which a list must not" },
	{ "events", "assist", "GAS;", "\"GAS;\" holds an empty item, which a list must not" },
	{ "events", "assist", ";GAS", "\";GAS\" holds an empty item, which a list must not" },
	{ "events", "assist", "GAS; FIRE", "\"GAS; FIRE\" holds a blank, which a list must not" },
	{ "inspections", "officers", "-", "\"-\" clears nothing here: leave the field empty" },
	{ "events", "result", "fail", "" },
	{ "events", "result", "合格", "\"合格\" is not one of pass, fail" },
	{ "evidence", "phase", "during", "\"during\" is not one of before, progress, after, recheck, sign, minutes" },
	{ "deliveries", "act", "post", "\"post\" is not one of approve, send, serve, ack, reply, withdraw" },
	{ "journal", "kind", "adopt", "" },
	{ "hazards", "emergency", "yes", "" },
	{ "hazards", "emergency", "no", "\"no\" is not yes or empty" },
	{ "hazards", "found_at", "2026-02-03T14:35:00+08:00", "" },
	{ "hazards", "found_at", "2026-2-3", "\"2026-2-3\" is not a time: write 2026-02-03T00:00:00+08:00" },
	{ "hazards", "found_at", "2026-02-03T06:35:00Z",
	  "\"2026-02-03T06:35:00Z\" is not a time: write 2026-02-03T14:35:00+08:00" },
	{ "grids", "posted_on", "2026-02-03", "" },
	{ "grids", "posted_on", "2026年2月3日", "\"2026年2月3日\" is not a date: write 2026-02-03" },
	{ "hazards", "commit", "412", "" },
	{ "hazards", "commit", "0", "\"0\" is not a number from 1 to 999999999999999" },
	{ "hazards", "commit", "1000000000000000", "\"1000000000000000\" is not a number from 1 to 999999999999999" },
	{ "grids", "population", "0", "" },
	{ "grids", "population", "-1", "\"-1\" is not a whole number: write digits only" },
	{ "grids", "population", "007", "\"007\" begins with 0: write 7" },
	{ "incidents", "loss_fen", "31900000", "" },
	{ "incidents", "loss_fen", "12.5", "\"12.5\" is not a whole number of fen: write 1250 for 12.5 yuan" },
	{ "incidents", "loss_fen", "12.34", "\"12.34\" is not a whole number of fen: write 1234 for 12.34 yuan" },
	{ "incidents", "loss_fen", "12.345", "\"12.345\" is not a whole number of fen: write digits only" },
	{ "incidents", "loss_fen", "31.9万", "\"31.9万\" is not a whole number of fen: write digits only" },
	{ "actions", "qty", "80000.125", "" },
	{ "actions", "qty", "1.2345",
	  "\"1.2345\" is not a quantity: write digits with at most three decimal places, like 12.5" },
	{ "actions", "qty", "-1", "\"-1\" is not a quantity: write digits with at most three decimal places, like 12.5" },
	{ "actions", "qty", "1.", "\"1.\" is not a quantity: write digits with at most three decimal places, like 12.5" },
	{ "actions", "qty", "1e3", "\"1e3\" is not a quantity: write digits with at most three decimal places, like 12.5" },
	{ "declared", "value", "-19.16", "" },
	{ "declared", "value", "", "" },
	{ "declared", "value", "-", "\"-\" is not a quantity: write digits with at most three decimal places, like 12.5" },
	{ "hazards", "policy", "0123456789ab", "" },
	{ "hazards", "policy", "0123456789AB", "\"0123456789AB\" is not 12 hex digits in lower case" },
	{ "evidence", "sha256", "0123", "\"0123\" is not 64 hex digits in lower case" },
	{ "hazards", "description", "连接软管轻微破损, \"有异味\"␤-", "" },
	{ "hazards", "description", "", "empty, but a value is required" },
};

START_TEST(values_and_messages)
{
	ck_assert_str_eq(checked(values[_i].table, values[_i].column, values[_i].value), values[_i].text);
}
END_TEST

START_TEST(unreadable_times)
{
	ck_assert_ptr_nonnull(strstr(checked("hazards", "found_at", "yesterday"), "\"yesterday\" is not a time"));
	ck_assert_ptr_nonnull(strstr(checked("hazards", "found_at", "2026-02-30T14:35:00+08:00"), "not a time"));
	ck_assert_ptr_nonnull(strstr(checked("grids", "posted_on", "soon"), "\"soon\" is not a date"));
}
END_TEST

START_TEST(long_values)
{
	size_t n = 1048576;
	char *s = malloc(n + 2);
	struct err e = ERR_INIT;

	ck_assert_ptr_nonnull(s);
	memset(s, 'x', n + 1);
	s[n + 1] = 0;
	ck_assert_str_eq(checked("hazards", "description", s), "longer than 1048576 bytes");
	ck_assert_int_eq(schema_check(column("hazards", "description"), (struct span){ s, n }, CN, &e), 0);
	ck_assert_str_eq(checked("hazards", "category", s), "longer than 255 bytes");
	ck_assert_int_eq(schema_check(column("hazards", "category"), (struct span){ s, 255 }, CN, &e), 0);
	s[58] = '\xe6', s[59] = '\x9f', s[60] = '\x90', s[70] = ' ', s[80] = 0;
	ck_assert_str_eq(checked("hazards", "category", s),
	    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" holds a blank, which a code must not");
	free(s);
}
END_TEST

START_TEST(ids)
{
	struct schema_id id;
	char out[SCHEMA_ID_MAX + 1];
	static const char *const right[] = { "T01-H2026-000123", "A-E1999-999999", "ABCDEFGHIJ99-K2026-999999999",
		"1-T2026-1000000" };
	static const char *const wrong[] = { "", "-", "T01", "T01-H2026-00012", "T01-H2026-0000123", "T01-H2026-000000",
		"T01-h2026-000123", "T01-Z2026-000123", "T01-H026-000123", "T01-H0026-000123", "t01-H2026-000123",
		"ABCDEFGHIJKLM-H2026-000001", "T01-H2026-1000000000", "T01-H2026-000123 ", "T01-H2026_000123",
		"-H2026-000123", "T01-H2026-00012x", "T-01-H2026-000123", "T01-H20x6-000123" };

	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		ck_assert_msg(schema_id_parse(span_of(right[i]), &id), "%s", right[i]);
		ck_assert_uint_eq(schema_id_write(&id, out), strlen(right[i]));
		ck_assert_str_eq(out, right[i]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(!schema_id_parse(span_of(wrong[i]), &id), "%s", wrong[i]);
	ck_assert(schema_id_parse(SPAN("T01-H2026-000123"), &id));
	ck_assert(span_is(id.office, "T01"));
	ck_assert_int_eq(id.letter, 'H');
	ck_assert_int_eq(id.year, 2026);
	ck_assert_uint_eq(id.number, 123);
	ck_assert(schema_office_ok(SPAN("BC01")));
	ck_assert(!schema_office_ok(SPAN("")));
	ck_assert(!schema_office_ok(SPAN("bc")));
	ck_assert(!schema_office_ok(SPAN("ABCDEFGHIJKLM")));
}
END_TEST

/* Whether the pattern of the schema, which independent validators go by, matches s. */
static bool matches(const char *pattern, const char *s)
{
	int code;
	PCRE2_SIZE at;
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY, &code, &at, NULL);
	ck_assert_msg(re != NULL, "%s: error %d at %zu", pattern, code, (size_t)at);
	pcre2_match_data *m = pcre2_match_data_create_from_pattern(re, NULL);
	int r = pcre2_match(re, (PCRE2_SPTR)s, strlen(s), 0, 0, m, NULL);
	pcre2_match_data_free(m);
	pcre2_code_free(re);
	return r > 0;
}

/* The schema of a table as independent validators read it. */
static json_t *table_schema(const char *name)
{
	const char *data = getenv("GRIDLEDGER_DATA");
	char path[4096];
	json_t *schema;
	json_error_t why;

	snprintf(path, sizeof path, "%s/tables/%s.json", data != NULL ? data : PKGDATADIR, name);
	schema = json_load_file(path, 0, &why);
	ck_assert_msg(schema != NULL, "%s: %s; set GRIDLEDGER_DATA", path, why.text);
	return schema;
}

/* The pattern that it states for column k, or NULL. */
static const char *pattern_of(const json_t *schema, int k)
{
	const json_t *field = json_array_get(json_object_get(schema, "fields"), (size_t)k);

	return json_string_value(json_object_get(json_object_get(field, "constraints"), "pattern"));
}

START_TEST(patterns_agree_with_code)
{
	size_t n;
	const struct table *t = schema_tables(&n);
	struct err e = ERR_INIT;
	const char *extra[] = { "a\xe2\x80\xa8" "b", "a\xe2\x81\xa9" "b", "a\xef\xbb\xbf" "b", "a—b",
		"“a”", "a\x7f" "b", "é", "网格" };
	size_t nvalues = sizeof values / sizeof *values, nextra = sizeof extra / sizeof *extra;

	json_t *schema = table_schema(t[_i].name);

	for (int k = 0; k < t[_i].ncolumns; k++) {
		const struct column *c = &t[_i].columns[k];
		const char *pattern = pattern_of(schema, k);

		for (size_t i = 0; pattern && i < nvalues + nextra; i++) {
			const char *s = i < nvalues ? values[i].value : extra[i - nvalues];
			if (!*s)
				continue;
			err_clear(&e);
			bool ours = schema_check(c, span_of(s), CN, &e) == 0;
			ck_assert_msg(ours == (matches(pattern, s) && strlen(s) <= c->max), "%s.%s: %s: ours %d",
			    t[_i].name, c->name, s, ours);
		}
	}
	json_decref(schema);
	(void)n;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schema");
	TCase *c = tcase_create("schema");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, headers_are_the_law, 0, NLAW);
	tcase_add_test(c, tables_are_sorted_and_whole);
	tcase_add_test(c, columns_are_whole);
	tcase_add_test(c, the_view_says_where_levels_go);
	tcase_add_test(c, keys_and_refs);
	tcase_add_test(c, labels);
	tcase_add_test(c, nearest);
	tcase_add_test(c, enums);
	tcase_add_loop_test(c, values_and_messages, 0, sizeof values / sizeof *values);
	tcase_add_test(c, unreadable_times);
	tcase_add_test(c, long_values);
	tcase_add_test(c, ids);
	tcase_add_loop_test(c, patterns_agree_with_code, 0, NLAW);
	suite_add_tcase(s, c);
	return h_run(s);
}
