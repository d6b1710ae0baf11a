#!/bin/sh
# SPDX-License-Identifier: MIT
# Guali (瓜沥): a town of 160 grids and 2,283 micro-grids; enterprises, street shops and rented rooms at the size of the
# published account.  Rows G-01, G-02, G-10, G-11, G-20, G-21, G-31, G-34.
. "$(dirname "$0")/lib.sh"
place guali G01 2022-09-30T18:00:00+08:00

town() {
	tree district:1:区 town:1:镇 village:74:村 basegrid:160:网格 microgrid:2283:微网格
	organs emergency fire gas police urban-management power industry
	officers 2283
	subjects basegrid enterprise:2928 shop:5351 rental:17120
	take_in <<-'END'
		16241 5521 2100 enterprise joint    electrical general 2022-07-20 60 G01-EMERGENCY
		16180 5075 1900 shop       campaign fire       general 2022-07-22 60 G01-FIRE
		9821  0    0    rental     patrol   evacuation general 2022-07-25 60 -
	END
}

by_subject_kind() {
	status 0 rectify-report --now="$now" --by=subject_kind
	like "$(row out '^(enterprise|企业)')" ' 16241 5521( .*)? 33\.99%' 'enterprises'
	like "$(row out '^(shop|沿街店铺)')" ' 16180 5075( .*)? 31\.37%' 'street shops'
	like "$(row out '^(rental|出租房)')" ' 9821 0' 'rented rooms'
	agree subject_kind
}

decimals() {
	status 0 rectify-report --now="$now" --by=subject_kind --decimals=0
	like "$(row out '^(enterprise|企业)')" ' 16241 5521( .*)? 34%'
	status 0 rectify-report --now="$now" --by=subject_kind --decimals=4
	like "$(row out '^(shop|沿街店铺)')" ' 16180 5075( .*)? 31\.3659%'
}

tree_counts() {
	is "$(units basegrid) $(units microgrid)" '160 2283'
	status 0 gridctl tree --now="$now"
	level_count out basegrid 160
	level_count out microgrid 2283
	is "$(gridctl get posts | grep -c ',volunteer,')" 1 'a volunteer holds a post'
}

# One ledger; the sub-ledgers are filters of it, and add up.
one_ledger() {
	for kind in enterprise shop rental; do
		status 0 hazard-list --now="$now" --match="subject_kind=/^$kind\$/" --columns=hazard
		sed 1d out >"ids.$kind"
	done
	is "$(wc -l <ids.shop)" 16180
	status 0 hazard-list --now="$now" --columns=hazard
	sed 1d out | LC_ALL=C sort >whole
	LC_ALL=C sort ids.* >parts
	same whole parts
}

# The register or hazard-list's CSV: the same table.
from_a_pipe() {
	status 0 rectify-report --now="$now" --by=subject_kind,category --format=csv
	sed 's/,[^,]*,[^,]*$//' out >direct	# a list does not say as of when, and known up to where
	hazard-list --now="$now" >list.csv
	status 0 rectify-report --now="$now" --by=subject_kind,category --format=csv list.csv
	sed 's/,[^,]*,[^,]*$//' out | same direct -
}

# 有患必治: each hazard is open, rectified, or ended for a stated reason.
disposition() {
	status 0 hazard-list --now="$now" --columns=phase,state
	is "$(sed 1d out | cut -d, -f1 | LC_ALL=C sort -u | tr '\n' ' ')" 'closed done open '
	is "$(sed 1d out | grep -c '^open')" "$((16241 - 5521 + 16180 - 5075 + 9821))"
}

# Receipts on each level: who does not sign for what was handed to him is told again, not while he took note of it.
hushed() {
	GRIDLEDGER_DIR=$PWD/reg
	gridctl init -q --now=2024-03-01T08:00:00+08:00 --place=guali --office=G01 reg
	for table in grids organs officers posts; do
		gridctl put -q --now=2024-03-01T08:00:00+08:00 "$table" "$work/$table.csv"
	done
	h=$(hazard-add --now=2024-03-04T09:00:00+08:00 --grid=990101 --severity=general --category=ebike --description=楼道充电)
	hazard-update -q --now=2024-03-04T10:00:00+08:00 assign --owner=G01-FIRE "$h"
	for at in 2024-03-05T23:50 2024-03-06T00:00 2024-03-06T07:50; do	# a day after, and then not at night
		status 0 hazard-escalate --now=$at:00+08:00
		empty out
	done
	status 0 hazard-escalate --now=2024-03-06T08:00:00+08:00
	has out ',reminder,'
	paper=$(sed -n 2p out | cut -d, -f1)
	status 0 hazard-notice ack --now=2024-03-06T09:00:00+08:00 --by=G01-O0001 "$paper"
	status 0 hazard-escalate --now=2024-03-07T08:00:00+08:00
	empty out
	status 0 hazard-escalate --now=2024-03-09T10:00:00+08:00	# silent for three days, and the next falls on the tenth
	empty out
	status 0 hazard-escalate --now=2024-03-10T08:00:00+08:00
	has out ',reminder,'
	status 0 hazard-update accept --now=2024-03-10T09:00:00+08:00 "$h"
	status 0 hazard-escalate --now=2024-03-14T09:00:00+08:00
	empty out
	status 0 gridctl verify
}

t 'a town of 42,242 hazards is taken in' town
t '16,241 found, 5,521 rectified: 33.99%; 16,180 and 5,075: 31.37%' by_subject_kind
t 'other decimals are rounded half up' decimals
t '160 grids, 2,283 micro-grids, volunteers' tree_counts
t 'one ledger, sub-ledgers add up to it' one_ledger
t 'a report from a pipe is the report from the register' from_a_pipe
t 'every hazard has a disposition' disposition
t 'told again until it is signed for, but not by night and not at once after taking note' hushed
finish
