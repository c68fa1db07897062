" cep.vim - how rules are written: comments, indentation, `:make` as `cep check`.
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1
setlocal commentstring=//\ %s comments=://,s1:/*,mb:*,ex:*/
setlocal expandtab shiftwidth=4 softtabstop=4 smartindent
if executable("cep")
  setlocal makeprg=cep\ check\ %:S errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%-G%.%#
endif
let b:undo_ftplugin = "setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< smartindent< makeprg< errorformat<"
