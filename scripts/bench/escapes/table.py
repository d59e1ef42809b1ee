"""The results as Markdown."""

# In the order of the figures in a cell.
SITUATIONS = {
  "stop": "`stop` of the service",
  "main": "its main process is KILLed",
  "twice": "the supervisor is KILLed and started again: further copies",
  "twice-stop": "… and `stop` of the service",
  "all-twice": "the supervisor and its helpers are KILLed and started again: further copies",
  "all-twice-stop": "… and `stop` of the service",
}
# Where there are no helpers, to KILL the supervisor is to KILL all.
SAME = {"all-twice": "twice", "all-twice-stop": "twice-stop"}


def figures(result, kind):
  return [result.get(key, result.get(SAME.get(key)))[kind.service] for key in SITUATIONS]


def cell(result, kind):
  counts = figures(result, kind)
  return " ".join(map(str, counts)) if any(counts) else "0"


def row(cells):
  print("| " + " | ".join(cells) + " |")


def show(kinds, results):
  row([f"of {len(kinds)} kinds, how many leave something", *results])
  row(["---"] * (len(results) + 1))
  for index, text in enumerate(SITUATIONS.values()):
    row([text, *(str(sum(figures(result, kind)[index] > 0 for kind in kinds))
                 for result in results.values())])
  print("\n<details><summary>Kind by kind</summary>\n")
  row(["kind", *results])
  row(["---"] * (len(results) + 1))
  for kind in kinds:
    row([kind.name, *(cell(result, kind) for result in results.values())])
  print("\n</details>")
