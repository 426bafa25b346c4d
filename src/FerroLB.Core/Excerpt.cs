using System.Globalization;

namespace FerroLB.Core;

/// <summary>
/// Text that somebody else wrote, as it is quoted in messages: whole when it is short, otherwise its beginning, so that one overlong value
/// never fills an event, a condition or a log line.
/// </summary>
public static class Excerpt
{
    /// <summary>The most characters of a quoted value.</summary>
    public const int MostQuoted = 80;

    /// <summary>The most characters of a whole message for a user.</summary>
    public const int MostInMessage = 1000;

    /// <summary>The value in quotes.</summary>
    public static string Quote(string value) => $"\"{Cut(value, MostQuoted)}\"";

    /// <summary>A message of at most <see cref="MostInMessage"/> characters.</summary>
    public static string Message(string message) => Cut(message, MostInMessage);

    /// <summary>
    /// The text, or its beginning and how long it is; never longer than <paramref name="most"/>, which is more than 30.
    /// </summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        var end = most - 30;
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return string.Create(CultureInfo.InvariantCulture, $"{text[..end]}... ({text.Length} characters)");
    }
}
