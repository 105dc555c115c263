import re

import pytest

from shared.reference import InconsistentReference


def refused(copy, *words):
    pattern = ".*".join(re.escape(word) for word in words)
    return pytest.raises(InconsistentReference, match=pattern)


def test_an_unbroken_copy_loads(copy):
    assert len(copy.load().areas) == 36


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("areas.csv", "90,E09000007,Camden Town,airport,,,,"),
        ("offences.csv", "90,rape,Another rape,sexual-offences,true,"),
        ("flags.csv", "90,acid,Another acid,,"),
        ("call_categories.csv", "90,noise,Another noise,asb,nuisance,"),
        ("stop_powers.csv", "90,pace-section-1,Another power,"),
    ],
)
def test_an_id_that_stands_twice_is_refused(copy, file, line):
    copy.append(file, line)
    with refused(copy, f"{file} row", "stands in row", "already"):
        copy.load()


def test_a_duplicate_id_is_reported_with_the_row_of_the_second(copy):
    copy.append("areas.csv", "90,E09000007,Camden Town,airport,,,,")
    with refused(copy, "areas.csv row 38: 'E09000007' stands in row 9 already"):
        copy.load()


def test_an_alias_that_another_term_answers_to_is_refused(copy):
    copy.append("offences.csv", "90,new-class,New class,theft,true,theft person")
    with refused(copy, "offences.csv row", "'theft-from-the-person'", "'new-class'"):
        copy.load()


def test_a_name_that_differs_from_another_terms_alias_in_case_alone_is_refused(copy):
    copy.append("flags.csv", "90,new-flag,DOMESTIC_violence,,")
    with refused(copy, "flags.csv row", "'domestic-abuse'", "'new-flag'"):
        copy.load()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("areas.csv", "7,new,New,airport,,,,"),
        ("offences.csv", "0,new,New,theft,true,"),
        ("flags.csv", "1,new,New,,"),
        ("call_categories.csv", "3,new,New,crime,,"),
    ],
)
def test_an_index_that_is_taken_is_refused(copy, file, line):
    copy.append(file, line)
    with refused(copy, f"{file} row", "index", "already"):
        copy.load()


def test_a_flag_that_implies_an_unknown_one_is_refused(copy):
    copy.append("flags.csv", "90,new,New,nothing-known,")
    with refused(copy, "flags.csv row", "nothing-known"):
        copy.load()


def test_flags_that_imply_each_other_are_refused(copy):
    copy.replace("flags.csv", "Racist and religious hate,,", "Racist and religious hate,faith-hate,")
    with refused(copy, "flags.csv row", "implies itself"):
        copy.load()


def test_an_offence_without_a_group_is_refused(copy):
    copy.append("offences.csv", "90,new,New,,true,")
    with refused(copy, "offences.csv row", "group is empty"):
        copy.load()


def test_an_offence_of_an_unknown_group_is_refused(copy):
    copy.append("offences.csv", "90,new,New,piracy,true,")
    with refused(copy, "offences.csv row", "'piracy'"):
        copy.load()


def test_a_group_without_offences_is_refused(copy):
    copy.append("offence_groups.csv", "piracy,Piracy,")
    with refused(copy, "offence_groups.csv row", "'piracy'"):
        copy.load()


def test_a_second_region_is_refused(copy):
    copy.append("areas.csv", "90,E92000001,England,region,,,,")
    with refused(copy, "areas.csv row 38", "second region"):
        copy.load()


def test_a_borough_without_a_place_on_the_map_is_refused(copy):
    copy.append("areas.csv", "90,E09000099,New borough,borough,1000,,3,")
    with refused(copy, "areas.csv row 38", "grid_x is empty"):
        copy.load()


def test_a_category_of_anti_social_behaviour_without_a_type_is_refused(copy):
    copy.append("call_categories.csv", "90,new,New,asb,,")
    with refused(copy, "call_categories.csv row", "asb_type is empty"):
        copy.load()


def test_a_crime_category_with_a_type_of_anti_social_behaviour_is_refused(copy):
    copy.append("call_categories.csv", "90,new,New,crime,nuisance,")
    with refused(copy, "call_categories.csv row", "asb_type must be empty"):
        copy.load()


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("areas.csv", "x,new,New,airport,,,,", "index is 'x', not a whole number"),
        ("areas.csv", "90,new,New,county,,,,", "kind is 'county', not one of"),
        ("offences.csv", "90,new,New,theft,perhaps,", "notifiable is 'perhaps', not one of true, false"),
        ("outcomes.csv", "90,new,New,true,false,", "a detected outcome must be positive"),
        ("stop_outcomes.csv", "90,new,New,true,false,", "an arrest must be positive"),
        ("stop_objects.csv", "90,new,New", "not as many fields as columns"),
        ("stop_objects.csv", "90,new,New,,more", "not as many fields as columns"),
        ("police_uk_crime_types.csv", "new,New,,,", "exactly one of offence and call_category"),
        ("police_uk_crime_types.csv", "new,New,piracy,,", "offence 'piracy' is not in offences.csv"),
        ("police_uk_crime_types.csv", "new,New,,piracy,", "call category 'piracy' is not in"),
    ],
)
def test_a_field_that_is_not_right_is_named_with_its_file_and_row(copy, file, line, complaint):
    copy.append(file, line)
    with refused(copy, f"{file} row", complaint):
        copy.load()


def test_a_missing_file_is_named(copy):
    (copy.directory / "flags.csv").unlink()
    with refused(copy, "flags.csv", "cannot be read"):
        copy.load()


def test_a_missing_column_is_named(copy):
    copy.replace("flags.csv", "implies", "entails")
    with refused(copy, "flags.csv row 2: column implies is missing"):
        copy.load()


def test_a_priority_of_an_unknown_borough_is_refused(copy):
    copy.replace("priorities.toml", '"E09000033"', '"E09000034"')
    with refused(copy, "priorities.toml borough 32", "'E09000034' is not a borough"):
        copy.load()


def test_a_priority_of_london_as_a_whole_is_refused(copy):
    copy.replace("priorities.toml", '"E09000033"', '"E12000007"')
    with refused(copy, "priorities.toml borough 32", "'E12000007' is not a borough"):
        copy.load()


def test_a_borough_that_stands_twice_is_refused(copy):
    copy.replace("priorities.toml", '"E09000033"', '"E09000032"')
    with refused(copy, "priorities.toml borough 32", "Wandsworth stands there twice"):
        copy.load()


def test_a_borough_with_one_priority_is_refused(copy):
    copy.replace("priorities.toml", '  { title = "Theft from Person", measure = "theft-person" },\n', "")
    with refused(copy, "priorities.toml borough 6 (Camden): chosen priorities: 1, not 2"):
        copy.load()


def test_an_additional_priority_does_not_stand_in_for_a_chosen_one(copy):
    camden = '{ title = "Theft from Person", measure = "theft-person" }'
    copy.replace("priorities.toml", camden, camden[:-2] + ", additional = true }")
    with refused(copy, "(Camden): chosen priorities: 1, not 2"):
        copy.load()


def test_a_priority_without_a_measure_is_refused(copy):
    copy.replace("priorities.toml", 'title = "Theft from Person", measure', 'title = "Theft from Person", meas')
    with refused(copy, "(Camden): a priority has no measure"):
        copy.load()


def test_broken_toml_is_refused_by_name(copy):
    copy.append("priorities.toml", "[[borough")
    with refused(copy, "priorities.toml:"):
        copy.load()
