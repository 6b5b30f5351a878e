from dataclasses import dataclass
@dataclass
class Mechanism: ...
def find_mechanisms(*a): return []
