#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every pack of data-schemas/places against the JSON Schemas, with an independent validator, and its cross-references. TAP."""
import datetime
import json
import os
import re
import sys

try:
    import yaml
    from jsonschema import Draft202012Validator
except ImportError as why:
    print('1..0 # SKIP %s: install python3-yaml and python3-jsonschema' % why)
    sys.exit(0)

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'data-schemas')
PHASES = {'open', 'done', 'closed', 'ended', 'void', 'any'}
FIGURES = {'found', 'rectified', 'rate', 'closed', 'open', 'overdue', 'major', 'followed', 'terminated', 'void', 'mean_days'}


class Loader(yaml.SafeLoader):
    """Scalars as our own loader reads them: yes/no, whole numbers, and text; dates stay text."""


Loader.yaml_implicit_resolvers = {
    c: [(tag, r) for tag, r in rules if tag in ('tag:yaml.org,2002:bool', 'tag:yaml.org,2002:int')]
    for c, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# no sexagesimal, octal or hexadecimal numbers
for rules in Loader.yaml_implicit_resolvers.values():
    rules[:] = [(t, re.compile(r'^-?(0|[1-9][0-9]*)$') if t.endswith(':int') else r) for t, r in rules]


def mapping(loader, node):
    """A mapping whose keys are text; a key twice is an error."""
    out = {}
    for k, v in node.value:
        if k.value in out:
            raise ValueError('line %d: duplicate key %s' % (k.start_mark.line + 1, k.value))
        out[k.value] = loader.construct_object(v, deep=True)
    return out


Loader.add_constructor('tag:yaml.org,2002:map', mapping)


def vocabulary(errors, what, items):
    """Ids of a vocabulary; no word may stand for two of them."""
    seen = {}
    for i in items:
        for word in {i['id'], i['name'], *i.get('alias', [])}:
            if seen.setdefault(word, i['id']) != i['id']:
                errors.append('%s: %s stands for %s and %s' % (what, word, seen[word], i['id']))
    return {i['id'] for i in items}


def check_workflow(errors, wf, roles):
    states, phase = set(wf['states']), {k: v['phase'] for k, v in wf['states'].items()}
    if phase.get(wf['start']) != 'open':
        errors.append('workflow: start %s is not of phase open' % wf['start'])
    edges = {s: set() for s in states}
    for name, step in wf['steps'].items():
        frm = step['from']
        at = states if frm == 'any' else {s for s in states if phase[s] == frm} if isinstance(frm, str) else set(frm)
        to = set(step['result'].values()) if 'result' in step else {step['to']} if 'to' in step else set()
        for s in (at | to) - states:
            errors.append('workflow: step %s: unknown state %s' % (name, s))
        for r in set(step.get('by', [])) - roles - {'sweep'}:
            errors.append('workflow: step %s: unknown role %s' % (name, r))
        for s in at & states:
            edges[s] |= to
    for s in states:
        reach, ahead = {s}, [s]
        while ahead:
            new = edges[ahead.pop()] - reach
            reach |= new
            ahead += new
        if not any(phase[r] in ('closed', 'ended', 'void') for r in reach):
            errors.append('workflow: state %s reaches no end' % s)


def check_rules(errors, rules, words, kinds, notices, steps, roles):
    whom = {'owner', 'parent', 'dispatch', 'top'} | words['tier'] | kinds
    for r in rules:
        for field, value in r.get('when', {}).items():
            values = value if isinstance(value, list) else [value]
            if field in words and not str(values[0]).startswith('/'):
                for v in set(values) - words[field]:
                    errors.append('rule %s: %s: unknown %s' % (r['id'], field, v))
        acts = r.get('rungs', []) + [x['miss'] for x in r.get('limits', []) if 'miss' in x]
        acts += [r['handovers']] if 'handovers' in r else []
        for a in acts:
            for w in {a.get('to', 'owner'), *a.get('cc', [])} - whom:
                errors.append('rule %s: unknown addressee %s' % (r['id'], w))
            if 'notice' in a and a['notice'] not in notices:
                errors.append('rule %s: unknown notice %s' % (r['id'], a['notice']))
        for x in r.get('limits', []):
            for s in ({x['from']} - {'report', 'due'} | {x['until']}) - steps:
                errors.append('rule %s: limit %s: unknown step %s' % (r['id'], x['id'], s))
        for role in set(r.get('extend', {}).get('by', [])) - roles:
            errors.append('rule %s: extend: unknown role %s' % (r['id'], role))
        for organ in set(r.get('close', {}).get('acceptors', {}).get('organs', [])) - kinds:
            errors.append('rule %s: acceptors: unknown organ kind %s' % (r['id'], organ))
        if 'scope' in r and r['scope'].get('from', '') > r['scope'].get('to', '9999'):
            errors.append('rule %s: scope ends before it begins' % r['id'])
    if 'when' in rules[-1] or 'scope' in rules[-1]:
        errors.append('rule %s: the last rule must match everything' % rules[-1]['id'])
    if len({r['id'] for r in rules}) != len(rules):
        errors.append('rules: an id stands twice')


def check_calendar(errors, cal):
    for year, days in cal['years'].items():
        off, work = days['holidays'], days['workdays']
        for d in off + work:
            if datetime.date.fromisoformat(d).year != int(year):
                errors.append('calendar: %s under %s' % (d, year))
        for d in work:
            if datetime.date.fromisoformat(d).isoweekday() < 6 or d in off:
                errors.append('calendar: make-up day %s is no weekend day' % d)


def workdays(cal, year):
    """Working days of a year, for comparison with the published totals."""
    days, d, n = cal['years'][str(year)], datetime.date(year, 1, 1), 0
    while d.year == year:
        s = d.isoformat()
        n += s in days['workdays'] or (d.isoweekday() in cal['week'] and s not in days['holidays'])
        d += datetime.timedelta(1)
    return n


def columns():
    """Names a level may not have: columns of hazard-list, figures, dimensions."""
    with open(os.path.join(TOP, 'tables', 'hazard-list.json')) as f:
        names = {x['name'] for x in json.load(f)['fields']}
    return names | FIGURES | {'day', 'week', 'month', 'quarter', 'year', 'reporter_level', 'closer_level'}


def check_tests(errors, place):
    """Tests of the policy fit their schema; there is one at least."""
    folder = os.path.join(TOP, 'places', place, 'tests')
    with open(os.path.join(TOP, 'policy', 'tests.schema.json')) as s:
        schema = json.load(s)
    Draft202012Validator.check_schema(schema)
    names = [n for n in sorted(os.listdir(folder)) if n.endswith('.test.yaml')] if os.path.isdir(folder) else []
    if not names:
        errors.append('tests: none')
    for name in names:
        with open(os.path.join(folder, name), encoding='utf-8') as y:
            doc = yaml.load(y, Loader)
        for e in Draft202012Validator(schema).iter_errors(doc):
            errors.append('tests/%s: %s: %s' % (name, '/'.join(map(str, e.absolute_path)), e.message))


def check_pack(place):
    errors, doc = [], {}
    for f in ('policy', 'workflow', 'escalation', 'notices', 'calendar'):
        with open(os.path.join(TOP, 'policy', f + '.schema.json')) as s:
            schema = json.load(s)
        Draft202012Validator.check_schema(schema)
        with open(os.path.join(TOP, 'places', place, f + '.yaml'), encoding='utf-8') as y:
            doc[f] = yaml.load(y, Loader)
        for e in Draft202012Validator(schema).iter_errors(doc[f]):
            errors.append('%s.yaml: %s: %s' % (f, '/'.join(map(str, e.absolute_path)), e.message))
    if errors:
        return errors, 0
    p = doc['policy']
    ids = {k: vocabulary(errors, k, v) for k, v in p.items() if isinstance(v, list)}
    for level in ids['levels'] & columns():
        errors.append('levels: %s is the name of a column' % level)
    for c in p['categories']:
        for d in c.get('duty', []):
            if d['lead'] not in ids['organ_kinds']:
                errors.append('category %s: unknown organ kind %s' % (c['id'], d['lead']))
    check_workflow(errors, doc['workflow'], ids['roles'])
    words = {'severity': ids['severities'], 'category': ids['categories'], 'source': ids['sources'],
             'sector': ids['sectors'], 'subject_kind': ids['subject_kinds'], 'tier': ids['levels']}
    check_rules(errors, doc['escalation']['rules'], words, ids['organ_kinds'],
                {k['id'] for k in doc['notices']['kinds']}, set(doc['workflow']['steps']), ids['roles'])
    for x in p['severities']:
        for role in set(x.get('by', [])) - ids['roles']:
            errors.append('severity %s: unknown role %s' % (x['id'], role))
    check_calendar(errors, doc['calendar'])
    if [workdays(doc['calendar'], y) for y in (2024, 2025, 2026)] != [251, 248, 248]:
        errors.append('calendar: working days of the years are not 251, 248, 248')
    check_tests(errors, place)
    for f in ('crontab', 'README'):
        if not os.path.getsize(os.path.join(TOP, 'places', place, f)):
            errors.append(f + ': empty')
    return errors, sum(len(v) for v in ids.values())


def main():
    places = sorted(os.listdir(os.path.join(TOP, 'places')))
    print('1..%d' % len(places))
    failed = 0
    for n, place in enumerate(places, 1):
        errors, words = check_pack(place)
        failed += bool(errors)
        print('%s %d - pack %s (%d words)' % ('not ok' if errors else 'ok', n, place, words))
        for e in errors:
            print('# ' + e)
    return 1 if failed else 0


sys.exit(main())
