using System.IO.Enumeration;

namespace Weft.Server.Tests.Openapi;

/// <summary>The OpenAPI document describes what the platform's describes, or <see cref="PlatformAbsences"/> says why not.</summary>
public sealed class PlatformApiTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Every_path_method_parameter_and_field_of_the_platform_is_there_or_its_absence_is_justified()
    {
        var described = new DescribedApi((await Root.GetAsync("/openapi.json")).ShouldBeOk().Json);
        var missing = new PlatformApi().MissingIn(described).ToList();

        missing.Where(fact => !PlatformAbsences.All.Any(absence => IsMatch(absence.Facts, fact.Fact)))
            .Select(fact => fact.Fact == fact.Place ? fact.Fact : $"{fact.Fact}  (at {fact.Place})")
            .ShouldBeEmpty();
        PlatformAbsences.All.Where(absence => !missing.Exists(fact => IsMatch(absence.Facts, fact.Fact)))
            .Select(absence => absence.Facts)
            .ShouldBeEmpty("these are there");
    }

    private static bool IsMatch(string pattern, string fact) => FileSystemName.MatchesSimpleExpression(pattern, fact, ignoreCase: false);
}
