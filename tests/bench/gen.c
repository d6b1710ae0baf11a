/* SPDX-License-Identifier: MIT */
/*
 * The canonical county of the benchmarks: 18 towns, 325 villages, 2300 microgrids, 6000 subjects, and hazards of two
 * years with about three events each.  Hazard number i is the same whatever is printed of it and however it is cut
 * into batches: same seed, same bytes.  Names are fictional.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOWNS 18
#define VILLAGES 325
#define MICROS 2300
#define SUBJECTS 6000
#define DEPARTMENTS 10
#define DAY 86400
#define FIRST (19905 * (int64_t)DAY)	/* 2024-07-01, local seconds */
#define SPAN_S (730 * (int64_t)DAY)
#define END (FIRST + SPAN_S)		/* the bench's --now */

static const char usage[] =
	"usage: gen grids|organs|officers|posts|subjects       a master table\n"
	"       gen hazards N [FROM COUNT [SEED]]              of N hazards those from FROM on, with their steps\n"
	"       gen reports N [FROM COUNT [SEED]]              the same without steps: as they were reported\n"
	"       gen settled N OPEN [FROM COUNT [SEED]]         the same, but about OPEN of them stay open and all others are closed\n"
	"       gen list N [SEED]                              N hazards as hazard-list prints them\n"
	"       gen quote                                      standard input, a CSV file, with every field quoted\n";

/* With the organ kind that answers for each. */
static const struct { const char *id, *organ; } categories[] = {
	{ "fire", "FIRE" }, { "gas", "GAS" }, { "electrical", "POWER" }, { "ebike", "FIRE" }, { "evacuation", "FIRE" },
	{ "building", "BUILD" }, { "road", "ROAD" }, { "machinery", "INDUSTRY" }, { "special-equipment", "MARKET" },
	{ "hazchem", "SAFETY" }, { "confined-space", "SAFETY" }, { "height", "BUILD" }, { "water", "WATER" },
	{ "forest", "FOREST" }, { "management", "SAFETY" },
};
static const struct { const char *id, *kind, *name; } departments[DEPARTMENTS] = {
	{ "FIRE", "fire", "县消防大队" }, { "GAS", "gas", "县燃气办" }, { "POWER", "power", "县供电公司" },
	{ "BUILD", "construction", "县住建局" }, { "ROAD", "transport", "县交通局" }, { "INDUSTRY", "industry", "县经信局" },
	{ "MARKET", "market", "县市场监管局" }, { "SAFETY", "emergency", "县应急局" }, { "WATER", "water", "县水利局" },
	{ "FOREST", "forestry", "县林业局" },
};
static const char *const severities[] = { "minor", "general", "major" };
static const int limit_days[] = { 0, 7, 90 };
static const char *const sources[] = { "patrol", "self-check", "tip", "department", "campaign", "sensor" };
static const char *const kinds[] = { "enterprise", "shop", "rental", "site", "public-place" };
static const char *const sectors[] = { "industry", "construction", "commerce", "service", "hazchem", "transport",
	"agriculture", "education", "health", "other" };
static const char *const words[] = { "配电箱", "未上锁", "灭火器", "过期", "疏散通道", "堆放杂物", "电线", "私拉乱接", "燃气软管", "老化",
	"安全出口", "被锁闭", "应急灯", "损坏", "车间", "粉尘", "积聚", "未佩戴", "安全帽", "电动车", "室内充电", "楼道", "仓库", "超量存放",
	"脚手架", "缺少护栏", "消火栓", "无水", "气瓶", "未固定", "厨房", "油烟管道", "未清洗", "标识", "缺失", "需立即", "整改", "复查",
	"二楼", "东侧" };
#define COUNT(a) (sizeof (a) / sizeof *(a))

/* splitmix64 */
static uint64_t random_state;

static uint32_t below(uint32_t n)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((((z ^ (z >> 31)) >> 32) * n) >> 32);
}

/* The tree: where each village and microgrid lies. */
static struct { int town, number; } village[VILLAGES];
static struct { int village, number; } micro[MICROS];

/* Spread villages over towns and microgrids over villages. */
static void make_tree(void)
{
	int v = 0, g = 0;

	for (int t = 0; t < TOWNS; t++)
		for (int i = 0; i < VILLAGES / TOWNS + (t < VILLAGES % TOWNS); i++, v++) {
			village[v].town = t;
			village[v].number = i + 1;
		}
	for (v = 0; v < VILLAGES; v++)
		for (int i = 0; i < MICROS / VILLAGES + (v < MICROS % VILLAGES); i++, g++) {
			micro[g].village = v;
			micro[g].number = i + 1;
		}
}

static void put_town(int t)
{
	printf("990109%03d", 101 + t);
}

static void put_village(int v)
{
	put_town(village[v].town);
	printf("%03d", village[v].number);
}

static void put_micro(int g)
{
	put_village(micro[g].village);
	printf("%02d", micro[g].number);
}

/* A time as 25 bytes. */
static void put_time(int64_t t)
{
	int64_t z = t / DAY + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
	int s = (int)(t % DAY);

	printf("%04d-%02d-%02dT%02d:%02d:%02d+08:00", (int)(yoe + era * 400 + (m <= 2)), (int)m, (int)d, s / 3600, s / 60 % 60,
	    s % 60);
}

/* A time, or nothing for 0, behind a comma. */
static void put_maybe(int64_t t)
{
	putchar(',');
	if (t != 0)
		put_time(t);
}

static void print_grids(void)
{
	puts("grid,parent,level,valid_from,name");
	puts("990109,,county,2020-01-01,晴川县");
	for (int t = 0; t < TOWNS; t++) {
		put_town(t);
		printf(",990109,township,2020-01-01,%d号镇\n", t + 1);
	}
	for (int v = 0; v < VILLAGES; v++) {
		put_village(v);
		putchar(',');
		put_town(village[v].town);
		printf(",village,2020-01-01,%d村\n", village[v].number);
	}
	for (int g = 0; g < MICROS; g++) {
		put_micro(g);
		putchar(',');
		put_village(micro[g].village);
		printf(",microgrid,2020-01-01,%d组\n", micro[g].number);
	}
}

static void print_organs(void)
{
	puts("organ,kind,level,grid,parent,valid_from,name");
	puts("T01-GOV,government,county,990109,,2020-01-01,县政府");
	for (int i = 0; i < DEPARTMENTS; i++)
		printf("T01-%s,%s,county,990109,T01-GOV,2020-01-01,%s\n", departments[i].id, departments[i].kind, departments[i].name);
	for (int t = 0; t < TOWNS; t++) {
		printf("T01-T%d,government,township,", t + 1);
		put_town(t);
		printf(",T01-GOV,2020-01-01,%d号镇政府\n", t + 1);
	}
	for (int v = 0; v < VILLAGES; v++) {
		printf("T01-V%d,committee,village,", v + 1);
		put_village(v);
		printf(",T01-T%d,2020-01-01,%d号镇%d村村委会\n", village[v].town + 1, village[v].town + 1, village[v].number);
	}
}

static void print_officers(void)
{
	puts("officer,organ,valid_from,name");
	puts("T01-O0,T01-GOV,2020-01-01,甲乙");
	for (int v = 0; v < VILLAGES; v++)
		printf("T01-O%d,T01-V%d,2020-01-01,网格员%d\n", v + 1, v + 1, v + 1);
}

static void print_posts(void)
{
	static const char *const roles[] = { "clerk", "dispatcher", "leader" };

	puts("post,officer,role,grid,organ,valid_from");
	for (size_t i = 0; i < COUNT(roles); i++)
		printf("T01-P%zu,T01-O0,%s,990109,T01-GOV,2020-01-01\n", i + 1, roles[i]);
	for (int v = 0; v < VILLAGES; v++) {
		printf("T01-P%d,T01-O%d,grid-officer,", v + 10, v + 1);
		put_village(v);
		printf(",T01-V%d,2020-01-01\n", v + 1);
	}
}

static int subject_grid(int s)
{
	return s * 7919 % MICROS;
}

static void print_subjects(void)
{
	puts("subject,kind,sector,grid,valid_from,name,address");
	for (int s = 0; s < SUBJECTS; s++) {
		printf("T01-S%06d,%s,%s,", s + 1, kinds[s % (int)COUNT(kinds)], sectors[s / 5 % (int)COUNT(sectors)]);
		put_micro(subject_grid(s));
		printf(",2020-01-01,晴川第%d号%s,晴川路%d号\n", s + 1, s % 5 == 2 ? "出租房" : "单位", s % 997 + 1);
	}
}

/* One hazard and its life; times are 0 where it did not get so far. */
struct hazard {
	int64_t at, assigned, rectified, rechecked, closed, voided;
	unsigned category, severity, source;
	int subject, grid, officer;
	uint64_t text;		/* the random state its description starts from */
};

/* The moment after t; at most a minute before the end, 0 when the hazard did not get there. */
static int64_t after(int64_t t, int64_t most)
{
	int64_t u = t + 600 + below((uint32_t)most);

	return t == 0 || u >= END - 60 ? 0 : u;
}

/* Hazard number i of n. */
static struct hazard make_hazard(uint64_t i, uint64_t n, uint64_t seed)
{
	struct hazard h = { .at = 0 };
	uint32_t a, b, q;

	random_state = seed ^ (i * 0xd6e8feb86659fd93u);
	h.at = FIRST + (int64_t)((double)SPAN_S * (double)i / (double)n);
	a = below(SUBJECTS);
	b = below(SUBJECTS);
	h.subject = (int)(below(3) ? a : a < b ? a : b);
	h.grid = subject_grid(h.subject);
	h.officer = micro[h.grid].village + 1;
	h.category = below(COUNT(categories));
	q = below(100);
	h.severity = q < 55 ? 0 : q < 95 ? 1 : 2;
	h.source = below(COUNT(sources));
	q = below(100);
	if (q < 1)
		h.voided = after(h.at, DAY);
	else if (q < 96)
		h.assigned = after(h.at, DAY);
	if (below(100) < 66)
		h.rectified = after(h.assigned, (limit_days[h.severity] + 2) * DAY);
	if (below(100) < 85)
		h.rechecked = after(h.rectified, 2 * DAY);
	if (below(100) < 80)
		h.closed = after(h.rechecked, DAY);
	h.text = random_state;
	return h;
}

/* The moment after t, before the end: a step that everybody took in time. */
static int64_t soon(int64_t t, int64_t most)
{
	int64_t left = END - 120 - t;

	return t == 0 || left <= 60 ? 0 : t + 60 + below((uint32_t)(most < left - 59 ? most : left - 59));
}

/* Hazard number i of n in a county that keeps up: about `open` of n are assigned and no more, all others closed. */
static struct hazard make_settled(uint64_t i, uint64_t n, uint64_t seed, uint64_t open)
{
	struct hazard h = make_hazard(i, n, seed);

	h.voided = 0;
	h.assigned = soon(h.at, DAY);
	h.rectified = below((uint32_t)n) < open ? 0 : soon(h.assigned, (limit_days[h.severity] + 2) * DAY);
	h.rechecked = soon(h.rectified, 2 * DAY);
	h.closed = soon(h.rechecked, DAY);
	return h;
}

/* 10 to 40 characters; one in a hundred has a comma and a quote, so that it is quoted. */
static void put_description(const struct hazard *h)
{
	bool odd, closed = false;
	int parts;

	random_state = h->text;
	odd = below(100) == 0;
	parts = 3 + (int)(below(9) * below(9) / 9);
	if (odd)
		putchar('"');
	for (int i = 0; i < parts; i++) {
		fputs(words[below(COUNT(words))], stdout);
		if (odd && !closed) {
			fputs(",\"\"红牌\"\"", stdout);
			closed = true;
		}
	}
	if (odd)
		putchar('"');
	putchar('\n');
}

/* The columns of hazard-add's input that stand for steps, each behind a comma. */
static void put_steps(const struct hazard *h)
{
	put_maybe(h->assigned);
	putchar(',');
	if (h->assigned != 0)
		printf("T01-%s", categories[h->category].organ);
	put_maybe(h->rectified);
	put_maybe(h->rechecked);
	if (h->rechecked != 0)
		printf(",pass,T01-O%d", h->officer);
	else
		fputs(",,", stdout);
	put_maybe(h->closed);
	put_maybe(h->voided);
	printf(",%s", h->voided != 0 ? "重复登记" : "");
}

/* open: UINT64_MAX as chance has it, else make_settled's. */
static void print_hazards(uint64_t n, uint64_t from, uint64_t count, uint64_t seed, bool steps, uint64_t open)
{
	printf("reported_at,grid,subject,category,severity,source,reporter,%sref,place,description\n", steps ? "assign.at,"
	    "assign.owner,rectify.at,recheck.at,recheck.result,recheck.verifier,close.at,void.at,void.reason," : "");
	for (uint64_t i = from; i < from + count; i++) {
		struct hazard h = open == UINT64_MAX ? make_hazard(i, n, seed) : make_settled(i, n, seed, open);

		put_time(h.at);
		putchar(',');
		put_micro(h.grid);
		printf(",T01-S%06d,%s,%s,%s,T01-O%d", h.subject + 1, categories[h.category].id, severities[h.severity],
		    sources[h.source], h.officer);
		if (steps)
			put_steps(&h);
		printf(",r%" PRIu64 "-%" PRIu64 ",%d号楼,", seed, i, (int)(i % 97) + 1);
		put_description(&h);
	}
}

/* The derived columns from state to supervised. */
static void put_state(const struct hazard *h)
{
	const char *state = h->voided ? "void" : h->closed ? "closed" : h->rechecked ? "rechecked" : h->rectified ? "rectified"
	    : h->assigned ? "assigned" : "reported";
	const char *phase = h->voided ? "void" : h->closed ? "closed" : h->rectified ? "done" : "open";
	int64_t due = (h->at / DAY + limit_days[h->severity] + 1) * DAY, end = h->rectified ? h->rectified : END;
	bool overdue = strcmp(phase, "open") == 0 && END > due;
	double used = (double)(end - h->at) / (double)(due - h->at);

	printf(",%s,%s,microgrid,", state, phase);
	if (h->assigned)
		printf("T01-%s", categories[h->category].organ);
	putchar(',');			/* person */
	put_maybe(due);
	put_maybe(due);
	printf(",%s,%s,,%d,1,%s", overdue ? "yes" : "", strcmp(phase, "open") != 0 ? "" : used >= 1 ? "red" : used >= 0.8 ? "yellow" : "green",
	    (int)(end / DAY - h->at / DAY), h->rectified ? "yes" : "");
	put_maybe(h->rectified);
	put_maybe(h->closed);
	put_maybe(h->closed);
	printf(",%s,%s,0,", h->closed ? "T01-O0" : "", h->closed ? "county" : "");
}

static void print_list(uint64_t n, uint64_t seed)
{
	puts("hazard,reported_at,found_at,grid,subject,point,category,severity,source,reporter,inspection,item,campaign,related,"
	    "emergency,county_grid,township_grid,village_grid,basegrid_grid,microgrid_grid,subject_kind,sector,landlord,state,"
	    "phase,tier,owner,person,due,first_due,overdue,light,held,days,round,followed,rectified_at,first_closed_at,closed_at,"
	    "closed_by,closer_level,rebounds,supervised,county_name,township_name,village_name,basegrid_name,microgrid_name,"
	    "subject_name,ref,place,description");
	for (uint64_t i = 0; i < n; i++) {
		struct hazard h = make_hazard(i, n, seed);
		int v = micro[h.grid].village, s = h.subject;

		printf("T01-H2026-%06" PRIu64 ",", i + 1);
		put_time(h.at);
		fputs(",,", stdout);
		put_micro(h.grid);
		printf(",T01-S%06d,,%s,%s,%s,T01-O%d,,,,,,990109,", s + 1, categories[h.category].id, severities[h.severity],
		    sources[h.source], h.officer);
		put_town(village[v].town);
		putchar(',');
		put_village(v);
		fputs(",,", stdout);
		put_micro(h.grid);
		printf(",%s,%s,", kinds[s % (int)COUNT(kinds)], sectors[s / 5 % (int)COUNT(sectors)]);
		put_state(&h);
		printf(",晴川县,%d号镇,%d村,,%d组,晴川第%d号%s,r%" PRIu64 "-%" PRIu64 ",%d号楼,", village[v].town + 1, village[v].number,
		    micro[h.grid].number, s + 1, s % 5 == 2 ? "出租房" : "单位", seed, i, (int)(i % 97) + 1);
		put_description(&h);
	}
}

/* Canonical CSV from standard input, each field in quotes. */
static void quote_fields(void)
{
	bool inside = false, own = true;	/* own: the field had no quotes, those around it are ours */
	int c, before = '\n';

	for (; (c = getchar_unlocked()) != EOF; before = c) {
		bool start = !inside && (before == ',' || before == '\n');

		if (start)
			own = c != '"';
		if (start && own)
			putchar_unlocked('"');
		if (!inside && own && (c == ',' || c == '\n'))
			putchar_unlocked('"');
		if (c == '"')
			inside = !inside;
		putchar_unlocked(c);
	}
}

/* The operand, or a default. */
static uint64_t number(int argc, char **argv, int i, uint64_t or)
{
	return argc > i ? strtoull(argv[i], NULL, 10) : or;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*print)(void); } tables[] = { { "grids", print_grids },
		{ "organs", print_organs }, { "officers", print_officers }, { "posts", print_posts }, { "subjects", print_subjects } };
	static char block[1 << 18];
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t n = number(argc, argv, 2, 0);
	bool done = false;

	setvbuf(stdout, block, _IOFBF, sizeof block);
	make_tree();
	for (size_t i = 0; i < COUNT(tables); i++)
		if (strcmp(what, tables[i].name) == 0) {
			tables[i].print();
			done = true;
		}
	if ((strcmp(what, "hazards") == 0 || strcmp(what, "reports") == 0) && argc > 2) {
		print_hazards(n, number(argc, argv, 3, 0), number(argc, argv, 4, n), number(argc, argv, 5, 1), *what == 'h', UINT64_MAX);
		done = true;
	} else if (strcmp(what, "settled") == 0 && argc > 3) {
		print_hazards(n, number(argc, argv, 4, 0), number(argc, argv, 5, n), number(argc, argv, 6, 1), true, number(argc, argv, 3, 0));
		done = true;
	} else if (strcmp(what, "list") == 0 && argc > 2) {
		print_list(n, number(argc, argv, 3, 1));
		done = true;
	} else if (strcmp(what, "quote") == 0) {
		quote_fields();
		done = true;
	}
	if (!done) {
		fputs(usage, stderr);
		return 2;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("gen");
		return 4;
	}
	return 0;
}
