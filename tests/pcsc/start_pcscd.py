"""Becomes a PC/SC daemon with a socket of its own, as socket activation would start it: start_pcscd.py SOCKET CONFIG_DIRECTORY.

The daemon's socket is compiled in; a listening socket that it inherits takes its place, so that it runs beside the system's one."""
import os
import socket
import subprocess
import sys

PCSCD = "/usr/sbin/pcscd"
INHERITED = 3  # SD_LISTEN_FDS_START

path, configuration = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(16)
if listener.fileno() != INHERITED:
    os.dup2(listener.fileno(), INHERITED)
os.set_inheritable(INHERITED, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["PCSCLITE_HP_DROPDIR"] = configuration  # no drivers there: readers on USB are left to the system's daemon
command = [PCSCD, "--foreground", "--info", "--config", configuration]
if "--disable-polkit" in subprocess.run([PCSCD, "--help"], capture_output=True, text=True).stdout:
    command.append("--disable-polkit")  # of later versions
os.execv(PCSCD, command)
