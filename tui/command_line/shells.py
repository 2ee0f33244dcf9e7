"""The scripts that let shells ask this program what the word that is being typed may become."""

BASH = """\
# backprop-tui: completion for bash. In ~/.bashrc:  eval "$(backprop-tui completion bash)"
_backprop_tui() {
    local line typed before ending name
    local -a words
    read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
    [[ ${COMP_LINE:COMP_POINT-1:1} == " " ]] && words+=("")
    typed=${words[-1]}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$typed") ;;
            :files*)
                compopt -o filenames
                while IFS= read -r name; do
                    if [[ -d $name ]]; then COMPREPLY+=("$name"); fi
                    for ending in ${line#:files}; do
                        if [[ -f $name && $name == *"$ending" ]]; then COMPREPLY+=("$name"); fi
                    done
                done < <(compgen -f -- "$typed") ;;
            *) COMPREPLY+=("${line%%$'\\t'*}") ;;
        esac
    done < <(backprop-tui complete "${words[@]:1}" 2> /dev/null)
    # What stands before a sign that parts words is kept by the shell.
    before=""
    if [[ $typed == *=* && $COMP_WORDBREAKS == *=* ]]; then before=${typed%"${typed##*=}"}; fi
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -F _backprop_tui backprop-tui
"""

ZSH = """\
#compdef backprop-tui
# backprop-tui: completion for zsh. In ~/.zshrc, behind compinit:  eval "$(backprop-tui completion zsh)"
_backprop_tui() {
    local line ending word
    local -a found meanings open endings
    while IFS= read -r line; do
        case $line in
            :folders) _files -/ ;;
            :files*)
                endings=(${=line#:files})
                _files -g "*(${(j:|:)endings})(-.)" ;;
            *)
                word=${line%%$'\\t'*}
                if [[ $word == *= ]]; then
                    open+=("$word")
                else
                    found+=("$word")
                    meanings+=("${line/$'\\t'/  -- }")
                fi ;;
        esac
    done < <(backprop-tui complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null)
    (( $#open )) && compadd -S '' -- $open
    (( $#found )) && compadd -l -d meanings -- $found
    return 0
}
compdef _backprop_tui backprop-tui
"""

FISH = """\
# backprop-tui: completion for fish. In ~/.config/fish/config.fish:  backprop-tui completion fish | source
function __backprop_tui_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in (backprop-tui complete $words[2..-1] "$typed" 2> /dev/null)
        switch $line
            case ':folders'
                __fish_complete_directories "$typed" ''
            case ':files*'
                for name in (__fish_complete_path "$typed" '')
                    set -l path (string split -f 1 \\t -- $name)
                    if string match -q '*/' -- $path
                        echo $path
                    else
                        for ending in (string split -n ' ' -- $line)[2..-1]
                            string match -q "*$ending" -- $path; and echo $path
                        end
                    end
                end
            case '*'
                echo $line
        end
    end
end
complete -c backprop-tui -f -a '(__backprop_tui_complete)'
"""

SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
