" cep.vim - rules of cep; made by tools/gen/make_editors.py, do not edit.
if exists("b:current_syntax")
  finish
endif
syn case match
syn match cepOperator "[-+*/%<>=!~]"
syn match cepKeyword "\<\%(where\|then\|no\|as\|match\|emit\|having\|until\|case\|from\|kafka\|stdin\|format\|json\|csv\|logfmt\|header\|columns\|delimiter\|quote\|at\|ingestion\|processing\|rfc3339\|year\|zone\|lateness\|idle\|late\|to\|by\|within\|unbounded\|meta\|refresh\|latest\|after\|skip\|past\|last\|next\|first\|earliest\|start\|limit\|matches\|once\|on\|timeout\|suppress\|test\|immediately\|any\|one\|all\|of\|optional\|greedy\|reluctant\|consecutive\|relaxed\|distinct\|for\|repeat\|every\|partition\|watermark\|expect\|nothing\|window\|tumbling\|sliding\|session\|offset\|even\|empty\|early\|gap\|max\|allowed\|inner\|left\|full\|update\|when\|else\|end\)\>"
syn match cepLogic "\<\%(and\|or\|not\|in\|is\|like\|ilike\|between\|div\|contains\|icontains\|starts\|istarts\|ends\|iends\|with\|cidr\)\>"
syn match cepConstant "\<\%(true\|false\|null\)\>"
syn match cepDeclaration "\%(^\s*\)\@<=\%(input\|stream\|table\|define\|detect\|aggregate\|join\)\>"
syn match cepType "\%(:\s*\)\@<=\%(bool\|int\|float\|string\|time\|duration\|ip\)\>?\="
syn match cepTime "\%(^\s*\|{\s*\)\@<=time\>"
syn match cepFunction "\<\%(lower\|upper\|length\|byte_length\|concat\|substring\|left\|right\|trim\|ltrim\|rtrim\|replace\|split\|index_of\|repeat\|reverse\|lpad\|rpad\|levenshtein\|entropy\|hex\|unhex\|base64_encode\|base64_decode\|utf16_decode\|url_decode\|host_of\|regex_extract\|regex_replace\|regex_count\|net\|is_v4\|is_v6\|is_private\|is_loopback\|is_link_local\|is_multicast\|year\|month\|day\|hour\|minute\|second\|weekday\|day_of_year\|week\|time_of_day\|date\|trunc\|start_of_day\|format_time\|parse_time\|epoch_s\|epoch_ms\|seconds\|ms\|abs\|sign\|floor\|ceil\|round\|sqrt\|pow\|exp\|ln\|log10\|log2\|least\|greatest\|clamp\|bit_and\|bit_or\|bit_xor\|bit_not\|shift_left\|shift_right\|distance\|int\|float\|string\|bool\|ip\|time\|duration\|hash\|bucket\|json_string\|json_int\|json_float\|json_bool\|json_length\|count\|sum\|avg\|min\|max\|stddev\|distinct\|first\|last\|prev\|approx_distinct\|approx_percentile\|top\|coalesce\|if\|nullif\)\>\ze\s*("
syn match cepNumber "\<\%(0x\x\+\|\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][-+]\=\d\+\)\=\)\>"
syn match cepDuration "\<\d[0-9_]*\%(ns\|us\|ms\|s\|m\|h\|d\|w\)\%(\d\+\%(ns\|us\|ms\|s\|m\|h\|d\|w\)\)*\>"
syn match cepMember "\.\@<=\h\w*"
syn match cepLabel "\<\h\w*\ze\s*:"
syn match cepQuoted "`[^`]*`"
syn match cepEscape contained "\\\%([nt\\\"]\|u{\x\+}\)"
syn region cepString oneline start=+"+ skip=+\\.+ end=+"+ contains=cepEscape,@Spell
syn region cepRaw oneline start=+\<r"+ skip=+\\.+ end=+"+
syn match cepComment "//.*$" contains=@Spell
syn region cepComment start="/\*" end="\*/" contains=@Spell
hi def link cepComment Comment
hi def link cepConstant Constant
hi def link cepDeclaration Structure
hi def link cepDuration Number
hi def link cepEscape SpecialChar
hi def link cepFunction Function
hi def link cepKeyword Keyword
hi def link cepLabel Identifier
hi def link cepLogic Operator
hi def link cepNumber Number
hi def link cepOperator Operator
hi def link cepRaw String
hi def link cepString String
hi def link cepTime Keyword
hi def link cepType Type
let b:current_syntax = "cep"
