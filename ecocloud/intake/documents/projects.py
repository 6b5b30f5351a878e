from dataclasses import dataclass
@dataclass
class Project: ...
def find_projects(*a): return []
