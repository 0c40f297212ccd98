using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Weft.Runs;

/// <summary>Refuses settings that no option has, so that a misspelt name is not ignored.</summary>
internal static class OptionsKeys
{
    /// <param name="section">The section.</param>
    /// <param name="others">Further keys that the section may have.</param>
    /// <exception cref="OptionsValidationException">
    /// The section has a key that does not name a public property of <typeparamref name="T"/>.
    /// </exception>
    public static void Check<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        IConfigurationSection section, params IEnumerable<string> others)
    {
        var names = typeof(T).GetProperties().Select(property => property.Name).Concat(others).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = section.GetChildren()
            .Where(child => !names.Contains(child.Key))
            .Select(child => $"{child.Path} is not an option.")
            .ToList();
        if (unknown.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(T), unknown);
        }
    }
}
