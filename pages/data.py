"""What do your own files hold, and which of their columns belong together?"""

import streamlit as st

from analytics.study.own_data import brought, checked, drafted, outcome_levels, put
from pages.parts.data import inputs, sentences
from pages.shared import frame, layout, markup

frame.aside()
headline = st.container()

with st.container(border=True, gap="xsmall"):
    layout.title("1 Files", "they stay on the machine that runs this app")
    folder = inputs.ask_folder()
    if folder is None:
        headline.html(markup.say(sentences.INVITE))
        st.markdown(f":small[:gray[{inputs.EXAMPLE}]]")
        st.stop()
    written = inputs.ask_written(folder)
    with st.spinner("Reading the files, in a process of their own…"):
        mine = brought(folder, inputs.tables(folder, written), written.ids if written else ())
    st.html(markup.table(*sentences.files(mine), words=True))
    inputs.listed(sentences.findings(mine))
    if written:
        # what lies there is refused as it is, before anything of it is changed
        checked(folder, mine, written)

with st.container(border=True, gap="xsmall"):
    layout.title("2 People", "who they are, how they turned out, when and in which groups")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        outcome = inputs.ask_outcome(mine, written)
    draft = drafted(mine, written, outcome, inputs.answered(folder)[0])
    levels = outcome_levels(mine, draft.catalog.people)
    draft = put(mine, written, draft, *inputs.ask_people(draft, levels, row, folder))
    inputs.ask_open(draft, folder)

with st.container(border=True, gap="xsmall"):
    layout.title(
        "3 Sources",
        "which columns belong together: move them, name the sources, say what a query costs",
    )
    draft = inputs.ask_columns(draft)

with st.container(border=True, gap="xsmall"):
    layout.title("4 Check and fit", "what was understood, and what remains to be said")
    inputs.listed(draft.notes)
    if draft.ready:
        with st.spinner("Checking every source…"):
            found = checked(folder, mine, draft.catalog)
        st.html(markup.table(*sentences.checked(found)))
        inputs.listed([*found["problems"], *(found["suspects"] if written else [])])
    inputs.finish(draft, folder)

headline.html(markup.say(sentences.sentence(draft, levels)))
