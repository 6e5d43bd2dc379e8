def reduce(case, settings, folder):
    return case.source
