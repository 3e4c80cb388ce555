"""Model providers: which there are, how to reach them, and what to do when they fail.

``registry`` is the list of them, ``build`` turns an assistant's version into a model of the Agents SDK, ``resilient`` asks one
model after another, and ``errors`` says what a failure means to people.
"""
