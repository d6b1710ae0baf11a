# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2207
# bash completion of the gridledger programs.  Options are read from each program's own --help, once a shell; sub-commands
# and steps are words that the programs fix; places, tables and ids come from the data at hand.

declare -gA _gridledger_options

# The long options of "program [sub-command]", with "=" where they take a value.
_gridledger_options_of() {
	if [[ -z ${_gridledger_options[$*]-} ]]; then
		_gridledger_options[$*]=$("$@" --help 2>/dev/null </dev/null |
			grep -oE -- '--[a-z][a-z0-9_-]*(\[?=)?' | tr -d '[' | sort -u | tr '\n' ' ')
	fi
	printf '%s' "${_gridledger_options[$*]}"
}

_gridledger_places() {
	local data=${GRIDLEDGER_DATA:-}
	[[ -n $data ]] || data=$(dirname "$(command -v gridctl)")/../share/gridledger
	ls "$data/places" 2>/dev/null
}

# The directory that -C or the environment names, as typed.
_gridledger_register() {
	local i dir=${GRIDLEDGER_DIR:-.}
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != -C ]] || dir=${COMP_WORDS[i + 1]}
	done
	printf '%s' "$dir"
}

_gridledger_tables() {
	local f
	for f in "$(_gridledger_register)"/*.csv; do
		[[ ! -e $f ]] || basename "$f" .csv
	done
}

# The steps of the register's own workflow.
_gridledger_steps() {
	sed -n '/^steps:/,$s/^  \([a-z-]*\):.*/\1/p' "$(_gridledger_register)/policy/workflow.yaml" 2>/dev/null
}

# What --limits or --scope take, of the register's own rules.
_gridledger_rules() {
	local file
	file=$(_gridledger_register)/policy/escalation.yaml
	case $1 in
	--limits) echo all; sed -n 's/^ *- {id: *\([a-z0-9-]*\), *from:.*/\1/p' "$file" 2>/dev/null | sort -u ;;
	--scope) awk '/^ *- id:/ { id = $3 } /^    scope:/ { print id }' "$file" 2>/dev/null ;;
	esac
}

_gridledger_ids() {
	hazard-list -C "$(_gridledger_register)" --columns=hazard "$@" 2>/dev/null </dev/null | tail -n +2 | head -n 2000
}

# The value of an option: $1 the option, $2 what is typed so far.
_gridledger_value() {
	case $1 in
	--place) COMPREPLY=($(compgen -W "$(_gridledger_places)" -- "$2") $(compgen -d -- "$2")) ;;
	--format) COMPREPLY=($(compgen -W 'text csv json' -- "$2")) ;;
	--labels) COMPREPLY=($(compgen -W 'en zh' -- "$2")) ;;
	--ledger) COMPREPLY=($(compgen -W "$(_gridledger_tables)" -- "$2")) ;;
	--by) COMPREPLY=($(compgen -P "${2%"${2##*,}"}" -W 'subject subject_kind sector landlord category severity source
		reporter reporter_level closer_level owner duty scope organ state day week month quarter year' -- "${2##*,}")) ;;
	--limits | --scope) COMPREPLY=($(compgen -P "${2%"${2##*,}"}" -W "$(_gridledger_rules "$1")" -- "${2##*,}")) ;;
	--figures) COMPREPLY=($(compgen -P "${2%"${2##*,}"}" -W 'all found rectified rate closed open overdue major followed
		terminated void mean_days handovers returns raised climbed' -- "${2##*,}")) ;;
	-C) COMPREPLY=($(compgen -d -- "$2")) ;;
	*) COMPREPLY=($(compgen -f -- "$2")) ;;
	esac
	compopt -o filenames 2>/dev/null
}

# The first word that is no option and no option's value, before the cursor.
_gridledger_subcommand() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-C) i=$((i + 1)) ;;
		=) i=$((i + 1)) ;;
		-*) ;;
		*) printf '%s' "${COMP_WORDS[i]}"; return ;;
		esac
	done
}

_gridledger_operand() {
	local program=$1 sub=$2 cur=$3
	case $program/$sub in
	gridctl/) COMPREPLY=($(compgen -W 'adopt cat check get head init log put repin set tree verify' -- "$cur")) ;;
	gridctl/get | gridctl/cat | gridctl/set) COMPREPLY=($(compgen -W "$(_gridledger_tables)" -- "$cur")) ;;
	gridctl/put) COMPREPLY=($(compgen -W "policy register $(_gridledger_tables)" -- "$cur") $(compgen -f -- "$cur")) ;;
	hazard-update/) COMPREPLY=($(compgen -W "$(_gridledger_steps)" -- "$cur")) ;;
	hazard-update/*) COMPREPLY=($(compgen -W "$(_gridledger_ids --open)" -- "$cur")) ;;
	hazard-show/*) COMPREPLY=($(compgen -W "$(_gridledger_ids)" -- "$cur")) ;;
	gridctl/repin) COMPREPLY=($(compgen -W "$(_gridledger_ids --open)" -- "$cur")) ;;
	ledger-add/) COMPREPLY=($(compgen -W 'actions activities declared incidents measures tags' -- "$cur")) ;;
	hazard-notice/) COMPREPLY=($(compgen -W 'ack approve draft issue list reply send serve show withdraw' -- "$cur")) ;;
	policy-test/) COMPREPLY=($(compgen -W 'dot explain lint replay run' -- "$cur")) ;;
	workcal/) COMPREPLY=($(compgen -W 'add between days is-open next' -- "$cur")) ;;
	*) COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null ;;
	esac
}

_gridledger() {
	local program=${1##*/} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} sub
	COMPREPLY=()
	# "=" is a word of its own, unless COMP_WORDBREAKS lacks it
	if [[ $cur == = ]]; then
		_gridledger_value "$prev" ''
		return
	elif [[ $prev == = ]]; then
		_gridledger_value "${COMP_WORDS[COMP_CWORD - 2]}" "$cur"
		return
	elif [[ $prev == -C ]]; then
		_gridledger_value -C "$cur"
		return
	fi
	sub=$(_gridledger_subcommand)
	if [[ $cur == -* ]]; then
		case $program in gridctl | hazard-notice | ledger-add | policy-test | workcal) ;; *) sub= ;; esac
		# shellcheck disable=SC2086 # no word when there is no sub-command
		COMPREPLY=($(compgen -W "$(_gridledger_options_of "$1" $sub)" -- "$cur"))
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	else
		_gridledger_operand "$program" "$sub" "$cur"
	fi
}

complete -F _gridledger gridctl hazard-add hazard-escalate hazard-list hazard-notice hazard-show hazard-update ledger-add policy-test \
	rectify-report workcal
