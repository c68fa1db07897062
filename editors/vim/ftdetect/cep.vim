" cep.vim - files of rules are known by their name.
autocmd BufNewFile,BufRead *.cep setfiletype cep
