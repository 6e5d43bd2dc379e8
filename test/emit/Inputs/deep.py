"""Prints IR with one very deep expression, and one very long function."""

print('module "deep.c"\nfunc @primal() -> void')
print("func @deep(%a: double, %b: double) -> double derivative_of @primal {")
print("  %0 = mul %a, %b")
for i in range(1, 60000, 2):
    print("  %%%d = mul %%a, %%b" % i)
    print("  %%%d = add %%%d, %%%d" % (i + 1, i - 1, i))
print("  return %60000\n}")
print("func @chain(%a: double, %y: ptr<double>) -> double "
      "derivative_of @primal {")
print("  %k = const int 3")
for i in range(10000):
    last = "%%s.%d" % (i - 1) if i else "%a"
    print("  %%s.%d = mul %s, %%a" % (i, last))
    print("  %%e%d = index %%y, %%k" % i)
    print("  store %%e%d, %%s.%d" % (i, i))
print("  return %s.9999\n}")
