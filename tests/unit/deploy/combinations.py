"""Each form of deployment with each combination of components, made once."""

import functools
import itertools

from product import COMPONENTS, FORMS, Form

STATUS_PORT = 3002


@functools.cache
def every_form():
    """All of them: 3 forms times 2^7 combinations. No test changes them."""
    return [Form(name, *chosen) for name in FORMS for number in range(len(COMPONENTS) + 1)
            for chosen in itertools.combinations(COMPONENTS, number)]


def for_each(names=FORMS):
    """Runs a test once for each of these forms, with each combination of components."""
    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for form in every_form():
                if form.name in names:
                    with self.subTest(form.name, components=form.components):
                        test(self, form)
        return run
    return decorate
