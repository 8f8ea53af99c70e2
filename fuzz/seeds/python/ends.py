if on_gfx9():
	x = """gfx942
"""

else :\
  pass
class A(B, k=[
1]): y = {"a": f"{b!r:>{w}}" f"{c["k"]}"}
