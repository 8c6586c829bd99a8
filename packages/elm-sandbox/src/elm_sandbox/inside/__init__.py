"""The worker: the program that confines itself, forks once per untrusted program, and holds its clock.

Only the standard library is imported here (numpy where the caller preloads it): the same modules run in the
local jail and in a gVisor container, which hold little else. The host's side imports `frames` and `values`
from here, so that both ends share one wire format.
"""
