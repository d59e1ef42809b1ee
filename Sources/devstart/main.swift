import DevstartCLI
print("hi")
