using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store;

/// <summary>One thing wrong with one field, in the words of Kubernetes' field errors.</summary>
/// <param name="Field">The path, as in spec.ports[0].port.</param>
/// <param name="Reason">The machine-readable cause.</param>
/// <param name="Message">What is wrong, without the path.</param>
internal sealed record FieldError(string Field, string Reason, string Message)
{
    /// <summary>A field that must be there is not.</summary>
    public static FieldError Required(string field, string detail = "") =>
        new(field, "FieldValueRequired", Join("Required value", detail));

    /// <summary>A value breaks a rule; strings are quoted, other values shown as JSON.</summary>
    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new(field, "FieldValueInvalid", Join("Invalid value: " + JsonText.ToText(value), detail));

    /// <summary>A value breaks a rule; the value is shown as given.</summary>
    public static FieldError InvalidShown(string field, string shown, string detail) =>
        new(field, "FieldValueInvalid", Join("Invalid value: " + shown, detail));

    /// <summary>A value has another type than the field.</summary>
    public static FieldError WrongType(string field, string actualType, string detail) =>
        new(field, "FieldValueTypeInvalid", Join($"Invalid value: \"{actualType}\"", detail));

    /// <summary>A value that occurs elsewhere too.</summary>
    public static FieldError Duplicate(string field, JsonNode? value) =>
        new(field, "FieldValueDuplicate", "Duplicate value: " + JsonText.ToText(value));

    /// <summary>A value outside a closed set.</summary>
    public static FieldError NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported",
            $"Unsupported value: {JsonText.ToText(value)}: supported values: \"{string.Join("\", \"", supported)}\"");

    /// <summary>A field that must not be set or changed now.</summary>
    public static FieldError Forbidden(string field, string detail) => new(field, "FieldValueForbidden", Join("Forbidden", detail));

    /// <summary>A value with too many bytes.</summary>
    public static FieldError TooLong(string field, long most) =>
        new(field, "FieldValueTooLong", $"Too long: may not be more than {most} bytes");

    /// <summary>A list with too many items.</summary>
    public static FieldError TooMany(string field, long actual, long most) =>
        new(field, "FieldValueTooMany", $"Too many: {actual}: must have at most {most} items");

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Message}";

    private static string Join(string text, string detail) => detail.Length == 0 ? text : $"{text}: {detail}";
}
