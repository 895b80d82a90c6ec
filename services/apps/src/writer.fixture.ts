/**
 * A program for `python:3` that writes what it is told into the volume at /data, and says there when
 * another one has it: the lock is the kernel's, and goes with who holds it.
 */
const PROGRAM = `
import fcntl, os, signal, sys
lock = open("/data/lock", "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    open("/data/twice", "a").write("twice ")
open("/data/words", "a").write(os.environ["WORD"] + " ")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    signal.pause()
`;

/** A service, without its name: it wants `WORD` and a volume `data`. */
export const WRITER = `
    image: python:3
    command: ${JSON.stringify(['python3', '-c', PROGRAM])}
    environment: { WORD: "\${WORD}" }
    volumes: ["data:/data"]
    restart: unless-stopped
    stop_grace_period: 1s`;
