"""Each form of deployment with each combination of components, made once."""

import functools
import itertools

from product import DEPLOYED, Form, components_of

STATUS_PORT = 3002


@functools.cache
def every_form():
    """All of them: 3 forms times 2^8 combinations, and 2^7 of the node's agent. No test changes them."""
    return [Form(name, *chosen) for name in DEPLOYED for number in range(len(components_of(name)) + 1)
            for chosen in itertools.combinations(components_of(name), number)]


def for_each(names=DEPLOYED):
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
