# tests/boards/build.sh - boards that ship_boards.sh and bench/boards.py build for and run on; read with `.`, wants
# $boards, this folder.
#
#     m0      Cortex-M0+, no FPU: compiled for cortex-m0plus; runs on the Cortex-M0 of a micro:bit, whose instructions
#             are the same, and when it is too large for that (256 KiB), on the Cortex-M3 of mps2-an385, which
#             executes them, too
#     m3      Cortex-M3, no FPU: mps2-an385
#     m4      Cortex-M4F: mps2-an386
#     m7      Cortex-M7, FPU: mps2-an500
#     rv32    RV32IMC, no FPU: virt            rv32f   RV32IMAFC: virt
all_boards="m0 m3 m4 m7 rv32 rv32f"

# What these boards need, and is not there.
boards_missing() {
    local program
    for program in arm-none-eabi-gcc riscv64-unknown-elf-gcc qemu-system-arm qemu-system-riscv32 python3; do
        command -v $program > /dev/null || echo $program
    done
    ! command -v riscv64-unknown-elf-gcc > /dev/null \
        || [ -e "$(riscv64-unknown-elf-gcc --print-sysroot)/picolibc.specs" ] \
        || [ -e "$(riscv64-unknown-elf-gcc -print-file-name=picolibc.specs)" ] || echo picolibc
}

# board NAME: sets cc, flags, machine, ps (picoseconds a tick), size
board() {
    local thumb="-mthumb --specs=nano.specs"
    cc=arm-none-eabi-gcc shift=3 ps=40000 size=arm-none-eabi-size nm=arm-none-eabi-nm
    case $1 in
    m0) flags="-mcpu=cortex-m0plus $thumb" machine="-M microbit" ps=62500 link="-Wl,--defsym,SMALL=1" ;;
    m0-large) flags="-mcpu=cortex-m0plus $thumb" machine="-M mps2-an385" link= ;;
    m3) flags="-mcpu=cortex-m3 -mfloat-abi=soft $thumb" machine="-M mps2-an385" link= ;;
    m4) flags="-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 $thumb" machine="-M mps2-an386" link= ;;
    m7) flags="-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16 $thumb" machine="-M mps2-an500" link= ;;
    rv32) flags="-march=rv32imc -mabi=ilp32" ;;
    rv32f) flags="-march=rv32imafc -mabi=ilp32f" ;;
    esac
    case $1 in
    rv32*)
        cc=riscv64-unknown-elf-gcc shift=0 ps=1000 size=riscv64-unknown-elf-size nm=riscv64-unknown-elf-nm
        flags="$flags -mcmodel=medany --specs=picolibc.specs" machine="-M virt -bios none" link=
        start="$boards/startup_riscv.c -T $boards/virt.ld" emulator=qemu-system-riscv32
        ;;
    *) start="$boards/startup_arm.c -T $boards/cortex_m.ld" emulator=qemu-system-arm ;;
    esac
}

# board_model NAME OPTIMIZE: model.c of this folder for the board, as NAME.o, with no warning
board_model() {
    board "$1"
    $cc $flags $2 -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -ffunction-sections -fdata-sections \
        -fstack-usage -c model.c -o "$1.o"
}

# board_link NAME TYPE OUT MAIN...: a program of main and NAME.o; values are of TYPE
board_link() {
    local name=$1 type=$2 out=$3
    shift 3
    board "$name"
    $cc $flags -O2 -std=gnu99 -Wall -Wextra -Werror -Wno-unused-function -ffunction-sections -fdata-sections -nostartfiles \
        -DVALUE="$type" -DTICK_PS=$ps -DINSTRUCTION_PS=$((1000 << shift)) -I. -I"$boards" "$@" "$name.o" $start $link \
        -Wl,--gc-sections,--no-warn-rwx-segments,-Map="$out.map" -lm -o "$out.elf" > "$name.link" 2>&1 || return 95
}

# board_run NAME TYPE: what main.c says of the rows; exit code: the board's
board_run() {
    board_link "$1" "$2" "$1" "$boards/main.c" || return
    timeout 600 $emulator $machine -display none -monitor none -serial none \
        -semihosting-config enable=on,target=native -icount shift=$shift -kernel "$1.elf" < /dev/null 2>&1
}

# board_size NAME TYPE: flash and static memory of NAME.o in a program that predicts and does nothing else; without
# what it calls of libm
board_size() {
    board_link "$1" "$2" "$1.only" "$boards/only.c" || return
    awk -v object="$1.o" '
        function hex(text,   i, n) { for (i = 3; i <= length(text); i++) n = 16 * n + index("0123456789abcdef", substr(text, i, 1)) - 1; return n }
        /^Linker script and memory map/ { on = 1 }
        !on { next }
        /^ \.[^ ]+$/ { section = $1; next }
        /^ \.[^ ]+ +0x/ { section = $1; at = $3; file = $4 }
        /^ +0x[0-9a-f]+ +0x[0-9a-f]+ / { at = $2; file = $3 }
        file == object && section ~ /^\.s?(text|rodata)/ { flash += hex(at) }
        file == object && section ~ /^\.s?(data|bss)/ { ram += hex(at) }
        { file = "" }
        END { print flash + 0, ram + 0 }' "$1.only.map"
}
