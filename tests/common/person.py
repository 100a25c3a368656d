# Somebody at a terminal of their own: answers each question by the first rule whose text stands in it; a rule may have
# several answers, the last one stays. Kills the program in place of an answer to question `kill`, where that is not 0.
import json, os, pty, select, sys, time
rules, kill = json.loads(sys.argv[1]), int(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[3], sys.argv[3:])
seen, answered, asked, end = b"", 0, 0, time.monotonic() + 120
while time.monotonic() < end:
    ready, _, _ = select.select([fd], [], [], 60)
    try:
        data = os.read(fd, 65536) if ready else b""
    except OSError:
        break
    if not data:
        break
    seen += data
    if not data.endswith((b": ", b"# ")):
        continue
    asked += 1
    if asked == kill:
        os.kill(pid, 9)
        break
    question, answered = seen[answered:].decode(errors="replace"), len(seen)
    answers = next((rule[1] for rule in rules if rule[0] in question), ["q"])
    os.write(fd, (answers.pop(0) if len(answers) > 1 else answers[0]).encode() + b"\n")
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
print(asked, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
