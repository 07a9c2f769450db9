# Every recipe is one line over `cargo course …`, `cargo book` or cargo itself, which do the same without just.

set positional-arguments

# List the recipes
[private]
default:
    @"{{ just_executable() }}" --list --unsorted

# Show that the course works here, its map, and where to begin
[no-exit-message]
[group('find your way')]
course:
    @cargo course

# The map with your ticks
[no-exit-message]
[group('find your way')]
progress:
    @cargo course progress

# Open the book in a browser; it checks on every save. --port N, --no-open
[no-exit-message]
[group('find your way')]
book *arguments:
    @cargo book "$@"

# Run what holds a sentence of the book and show what it sees; with nothing, list all
[no-exit-message]
[group('find your way')]
claim *arguments:
    @cargo course claim "$@"

# Grade a lesson (lesson-06, 6, echo-server); with nothing, the next one that is not green
[no-exit-message]
[group('work on a lesson')]
check *arguments:
    @cargo course check "$@"

# Grade again whenever you save
[no-exit-message]
[group('work on a lesson')]
watch *arguments:
    @cargo course watch "$@"

# One more hint for the first red check; --all for every hint
[no-exit-message]
[group('work on a lesson')]
hint *arguments:
    @cargo course hint "$@"

# How your program and the reference differ
[no-exit-message]
[group('work on a lesson')]
compare *arguments:
    @cargo course compare "$@"

# Meet a wrong program and the check that catches it: just break lesson-06 [NAME]
[no-exit-message]
[group('work on a lesson')]
break *arguments:
    @cargo course break "$@"

# What your server costs with 1 to 1 000 clients: just measure lesson-03 [--solution]
[group('work on a lesson')]
measure *arguments:
    @cargo course measure "$@"

# Your green servers beside each other, as a table and a chart; --solution for ours
[group('work on a lesson')]
ladder *arguments:
    @cargo course ladder "$@"

# Build later lessons on your own floor, or on the reference's: just stand-on lesson-07 mine
[no-exit-message]
[group('work on a lesson')]
stand-on *arguments:
    @cargo course stand-on "$@"

# Put a lesson back as you first found it; a copy of yours is kept
[no-exit-message]
[group('work on a lesson')]
reset *arguments:
    @cargo course reset "$@"

# Test the course itself: the references, the kit, the tools
[no-exit-message]
[group('work on the course')]
test *arguments:
    @cargo test "$@"

# What our runtime costs, beside tokio, smol and raw mio, on this machine; --quick, --json FILE
[no-exit-message]
[group('work on the course')]
bench *arguments:
    @cargo run --release --package bench -- "$@"

# Begin a lesson: just new 20-name [--title "…"] [--part N] [--server|--lib]
[no-exit-message]
[group('work on the course')]
new *arguments:
    @cargo course new "$@"

# Derive the stubs in lessons/ from the solutions; --check only compares
[no-exit-message]
[group('work on the course')]
stubs *arguments:
    @cargo course stubs "$@"

# Hold stubs, mistakes, alternatives and cards to what is promised of them
[no-exit-message]
[group('work on the course')]
selfcheck *arguments:
    @cargo course selfcheck "$@"

# Run a grader many times, half of them on a busy machine: just flicker lesson-06 100
[no-exit-message]
[group('work on the course')]
flicker *arguments:
    @cargo course flicker "$@"
