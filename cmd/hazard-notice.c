/* SPDX-License-Identifier: MIT */
#include "hazard-notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MAKE (1u << NOTICE_DRAFT | 1u << NOTICE_ISSUE)
#define SEND (1u << NOTICE_SEND)
#define SERVE (1u << NOTICE_SERVE)
#define TAKEN (SERVE | 1u << NOTICE_ACK | 1u << NOTICE_REPLY)
#define ACTS (TAKEN | 1u << NOTICE_APPROVE | 1u << NOTICE_WITHDRAW)
#define LIST (1u << NOTICE_LIST)

const char *const notice_command_name[NOTICE_NCOMMANDS] = {
	"draft", "issue", "approve", "send", "serve", "ack", "reply", "withdraw", "list", "show"
};

static const struct cli_option options[NOTICE_NOPTIONS + 1] = {
	[OPT_KIND] = { "kind", 'k', "KIND",
	    "draft, issue: kind of paper, of notices.yaml; list: only these" },
	[OPT_TO] = { "to", 0, "WHO",
	    "draft, issue: addressee (owner, subject, parent, top, a level, an organ kind, organs or subjects by id "
	    "or name, comma between); serve, ack: who took it" },
	[OPT_BUNDLE] = { "bundle", 0, "owner|subject|receiver|none", "draft, issue: what is on one paper" },
	[OPT_ISSUER] = { "issuer", 0, "ORGAN", "draft, issue: who issues it; without it the actor's organ" },
	[OPT_TITLE] = { "title", 0, "TEXT", "draft, issue: title instead of the kind's" },
	[OPT_TEXT] = { "text", 0, "TEXT", "draft, issue: text of a paper that names no hazard" },
	[OPT_NO_INHIBIT] = { "no-inhibit", 0, NULL,
	    "draft, issue: graver hazards of a subject silence none" },
	[OPT_AGAIN] = { "again", 0, NULL, "issue: the same rows once more; send: what was delivered too" },
	[OPT_KEY] = { "key", 0, "KEY", "issue: the retry key (default: a SHA-256 of the rows)" },
	[OPT_ENCODING] = { "encoding", 0, "NAME",
	    "of rows that are read, where it is not UTF-8: gb18030, gbk, utf-16" },
	[OPT_ANY_HOUR] = { "any-hour", 0, NULL, "send: outside sending hours too" },
	[OPT_BY] = { "by", 0, "OFFICER", "serve, ack, reply: who did it; without it the actor" },
	[OPT_HOW] = { "how", 0, "direct|left|post|public", "serve: how" },
	[OPT_REFUSED] = { "refused", 0, NULL, "serve: it was refused and left there before a witness" },
	[OPT_WITNESS] = { "witness", 0, "NAME", "serve: who saw that" },
	[OPT_AT] = { "at", 0, "TIME", "serve, ack, reply: when; without it now" },
	[OPT_NOTE] = { "note", 0, "TEXT", "reply: what was answered; otherwise a remark" },
	[OPT_REASON] = { "reason", 0, "TEXT", "withdraw: why" },
	[OPT_RECEIVER] = { "receiver", 0, "ID", "list: only those to this organ or subject" },
	[OPT_UNAPPROVED] = { "unapproved", 0, NULL, "list: to be approved" },
	[OPT_UNDELIVERED] = { "undelivered", 0, NULL, "list: to be sent, and not delivered by all channels" },
	[OPT_UNSERVED] = { "unserved", 0, NULL, "list: to be served" },
	[OPT_UNACKNOWLEDGED] = { "unacknowledged", 0, NULL, "list: neither acknowledged nor answered" },
	[OPT_UNANSWERED] = { "unanswered", 0, NULL, "list: a reply is wanted" },
	[OPT_WITHDRAWN] = { "withdrawn", 0, NULL, "list: withdrawn; others leave these out" },
};

/* Which commands take an option. */
static const unsigned taken_by[NOTICE_NOPTIONS] = {
	[OPT_KIND] = MAKE | LIST, [OPT_TO] = MAKE | TAKEN, [OPT_BUNDLE] = MAKE, [OPT_ISSUER] = MAKE, [OPT_TITLE] = MAKE,
	[OPT_TEXT] = MAKE, [OPT_NO_INHIBIT] = MAKE, [OPT_AGAIN] = 1u << NOTICE_ISSUE | SEND,
	[OPT_KEY] = 1u << NOTICE_ISSUE, [OPT_ENCODING] = MAKE | ACTS | SEND | 1u << NOTICE_SHOW, [OPT_ANY_HOUR] = SEND,
	[OPT_BY] = TAKEN, [OPT_HOW] = SERVE, [OPT_REFUSED] = SERVE, [OPT_WITNESS] = SERVE, [OPT_AT] = TAKEN,
	[OPT_NOTE] = ACTS, [OPT_REASON] = 1u << NOTICE_WITHDRAW, [OPT_RECEIVER] = LIST, [OPT_UNAPPROVED] = LIST,
	[OPT_UNDELIVERED] = LIST, [OPT_UNSERVED] = LIST, [OPT_UNACKNOWLEDGED] = LIST, [OPT_UNANSWERED] = LIST,
	[OPT_WITHDRAWN] = LIST,
};

static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct notice_job *j = arg;
	size_t i = 0;

	while (strcmp(options[i].name, o->name))
		i++;
	if (o->arg && !*value)
		return err_set(e, ERR_USAGE, "--%s: empty; write a %s", o->name, o->arg);
	j->value[i] = value ? value : "";
	return 0;
}

static const struct cli_program program = {
	.name = "hazard-notice",
	.usage = "draft|issue --kind=KIND [options] [ID...|-]\ndraft|issue --kind=KIND --to=WHO --text=TEXT [options]\n"
	    "approve|serve|ack|reply|withdraw [options] [NOTICE...|-]\nsend [options] [NOTICE...|-]\nlist [options]\n"
	    "show [options] [NOTICE...|-]",
	.about = "The life of a paper: drafted, issued with a number, approved, sent, served, acknowledged, answered, withdrawn.",
	.shared = CLI_WRITER | CLI_FORMAT,
	.options = options,
	.formats = "text|csv|json|ids",
	.more = "draft records nothing.  send without operands sends all that is to be sent.  Kinds, templates and channels are\n"
	    "those of notices.yaml, see gridledger-policy(5).\n",
	.on = on_option,
};

/* The command, and that the options are its own. */
static int find_command(struct notice_job *j, struct err *e)
{
	const char *near, *word = j->noperands ? j->operand[0] : "";
	struct buf list = BUF_INIT;
	size_t i = 0;

	while (i < NOTICE_NCOMMANDS && strcmp(word, notice_command_name[i]))
		i++;
	if (i == NOTICE_NCOMMANDS) {
		text_list(&list, notice_command_name, NOTICE_NCOMMANDS, NOTICE_NCOMMANDS);
		near = text_nearest(span_of(word), notice_command_name, NOTICE_NCOMMANDS);
		if (!j->noperands)
			err_set(e, ERR_USAGE, "which command? There are %s", list.p);
		else
			err_set(e, ERR_USAGE, "there is no command \"%s\"%s%s%s there are %s", word, near
			    ? "; did you mean " : ";",
			    near ? near : "", near ? "?" : "", list.p);
		buf_clear(&list);
		return -1;
	}
	j->command = (enum notice_command)i;
	j->operand++;
	j->noperands--;
	for (i = 0; i < NOTICE_NOPTIONS; i++) {
		if (!j->value[i] || taken_by[i] >> j->command & 1)
			continue;
		for (size_t k = 0; k < NOTICE_NCOMMANDS; k++)
			if (taken_by[i] >> k & 1)
				buf_printf(&list, "%s%s", list.n ? ", " : "", notice_command_name[k]);
		err_set(e, ERR_USAGE, "--%s goes with %s, not with %s", options[i].name, list.p, word);
		buf_clear(&list);
		return -1;
	}
	return 0;
}

static int run(struct notice_job *j, struct err *e)
{
	static int (*const commands[NOTICE_NCOMMANDS])(struct notice_job *j, struct err *e) = {
		notice_issue, notice_issue, notice_act, notice_send, notice_act, notice_act, notice_act,
		    notice_act, notice_list, notice_show
	};

	if (find_command(j, e))
		return -1;
	return commands[j->command](j, e);
}

int main(int argc, char **argv)
{
	struct notice_job j = { .command = NOTICE_LIST };
	struct err e = ERR_INIT;
	int first = cli_start(&j.c, &program, argc, argv, &j), status;

	j.operand = argv + first;
	j.noperands = argc - first;
	if (run(&j, &e) == 0) {
		if (j.out.n)
			fwrite(j.out.p, 1, j.out.n, stdout);
		status = cli_end(&j.c, j.bad ? ERR_NO : 0);
	} else
		status = cli_fail(&j.c, &e);
	buf_clear(&j.out);
	buf_clear(&j.input);
	return status;
}
